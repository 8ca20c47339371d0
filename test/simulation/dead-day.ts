// A day of a daemon whose store, or whose devices, are dead: prints what it cost, as JSON. Run with --expose-gc.
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/model/time-window.ts'
import { createDaemon } from './daemon.ts'
import { createWorld } from './world.ts'

export interface DeadDay {
  /** Resident memory after an hour, and after a day. */
  readonly hourBytes: number
  readonly dayBytes: number
  readonly deviceRequests: number
  readonly storeCalls: number
  readonly logLines: number
  readonly cycles: number
}

const world = createWorld(1, { intervalMs: 5 * MINUTE_MS })
const daemon = createDaemon(world)
daemon.start()
await world.clock.advance(HOUR_MS)
if (process.argv[2] === 'store') world.store.kill()
else for (const { device } of world.units) device.setPower('off')
const before = countCosts()
await world.clock.advance(HOUR_MS)
const hourBytes = residentBytes()
await world.clock.advance(DAY_MS - HOUR_MS)
const dayBytes = residentBytes()
const after = countCosts()
const cost: DeadDay = {
  hourBytes,
  dayBytes,
  deviceRequests: after.deviceRequests - before.deviceRequests,
  storeCalls: after.storeCalls - before.storeCalls,
  logLines: after.logLines - before.logLines,
  cycles: (DAY_MS / world.intervalMs) * world.units.length,
}
console.log(JSON.stringify(cost))
process.exit()

function residentBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage.rss()
}

function countCosts() {
  return {
    deviceRequests: world.units.reduce((sum, { transport }) => sum + transport.sent.length, 0),
    storeCalls: Object.values(world.store.calls).reduce((sum, calls) => sum + calls, 0),
    logLines: world.lineCount(),
  }
}

import { loadCardFixture, RECORDED_AT_MS } from '../../src/simulator/fixtures/load-fixtures.ts'
import { type ServedDevice, serveSimulatedDevice } from '../doubles/serve-simulated-device.ts'
import { createSimulatedDevice } from '../doubles/simulated-device.ts'
import { cardSource } from '../../src/simulator/start-simulator.ts'
import { type CliHome, openCliHome } from '../cli-home.ts'

/** Three days of one device; reading a record takes this long. */
export function serveUnit(readCostMs = 0): Promise<ServedDevice> {
  const source = cardSource(loadCardFixture('iwatt6'))
  return serveSimulatedDevice(createSimulatedDevice({ source, clock: { nowMs: () => RECORDED_AT_MS }, readCostMs }))
}

export const configOf = (url: string, changes: object = {}) => ({
  maxDeviceLoad: '100%',
  devices: [{ name: 'iwatt6', url }],
  ...changes,
})

const STACK = /^\s+at |\\n\s+at /m

/** A home of its own; nothing that was printed in it may hold a stack trace. */
export async function inHome(config: object | undefined, act: (home: CliHome) => Promise<void>): Promise<void> {
  const home = await openCliHome(config)
  try {
    await act(home)
  } finally {
    await home.close()
  }
  expectNoStack(home)
}

export function expectNoStack(home: CliHome): void {
  for (const { args, stdout, stderr } of home.results())
    if (STACK.test(stdout + stderr)) throw new Error(`${args.join(' ')} printed a stack trace:\n${stderr}`)
}

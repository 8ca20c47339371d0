import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { DAY_MS } from '../src/model/time-window.ts'
import { generateHouse } from '../src/simulator/generate-house.ts'
import { serveSimulatedDevice } from './doubles/serve-simulated-device.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { TWO_UNITS } from '../src/simulator/two-unit-house.ts'
import { openCliHome } from './cli-home.ts'
import { PRINT_PEAK, readPeakKb, SMALL_HEAP } from './peak-memory.ts'
import { realBinary, startRealStore } from './real-store.ts'

const UNTIL_MS = Date.UTC(2024, 5, 1)
const isLong = process.env['LONG'] !== undefined
const [SHORT_DAYS, LONG_DAYS] = isLong ? [30, 3 * 365] : [10, 40]
const UNIT = TWO_UNITS.find(({ name }) => name === 'iwatt6')!

/** How much more is allowed. The cache of the embedded store is in our process. */
const stores: [string, number, boolean, () => Promise<{ config: object; stop(): Promise<void> }>][] = [
  ['VictoriaMetrics', 1.3, isLong && realBinary !== undefined, startVictoria],
  [
    'the embedded store',
    1.3,
    true,
    () => Promise.resolve({ config: { type: 'embedded' }, stop: () => Promise.resolve() }),
  ],
]

for (const [name, most, isThere, start] of stores)
  it.skipIf(!isThere || !existsSync('/proc/self/status'))(
    `loading ${LONG_DAYS} days into ${name} takes at most ${most} times the memory of ${SHORT_DAYS}`,
    async () => {
      const shortKb = await peakOfLoad(start, SHORT_DAYS)
      const longKb = await peakOfLoad(start, LONG_DAYS)
      console.log(`${name}: ${SHORT_DAYS} days ${mb(shortKb)}, ${LONG_DAYS} days ${mb(longKb)}`)
      expect(longKb / shortKb).toBeLessThanOrEqual(most)
    },
  )

/** The most memory that the program held while it loaded so many days of 14 channels, in kB. */
async function peakOfLoad(start: (typeof stores)[0][3], days: number): Promise<number> {
  const source = generateHouse({ fromMs: UNTIL_MS - days * DAY_MS, untilMs: UNTIL_MS, units: [UNIT] }).get(UNIT.name)!
  const served = await serveSimulatedDevice(createSimulatedDevice({ source, clock: { nowMs: () => UNTIL_MS + 3_000 } }))
  const { config, stop } = await start()
  const home = await openCliHome({
    store: config,
    maxDeviceLoad: '100%',
    devices: [{ name: UNIT.name, url: served.url }],
  })
  try {
    const { code, stdout, stderr } = await home.run(['load', '--json'], { nodeArgs: [...SMALL_HEAP, ...PRINT_PEAK] })
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(JSON.parse(stdout)).toMatchObject([{ value: { rowCount: days * 1440, sampleCount: 14 * days * 1440 } }])
    return readPeakKb(stderr)
  } finally {
    await home.close()
    await served.close()
    await stop()
  }
}

async function startVictoria() {
  const server = await startRealStore()
  return { config: { url: server.url }, stop: () => server.stop() }
}

function mb(kb: number): string {
  return `${Math.round(kb / 1024)} MB`
}

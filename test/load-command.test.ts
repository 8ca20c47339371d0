import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningServer } from '../scripts/victoria-metrics.mjs'
import { DAY_MS } from '../src/model/time-window.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { type ServedDevice, serveSimulatedDevice } from './doubles/serve-simulated-device.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { type CliHome, openCliHome } from './cli-home.ts'
import { exportAll, realBinary, startRealStore } from './real-store.ts'
import { smallUnit, sourceOf } from './small-house.ts'

const TODAY_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS
const YEARS_MS = 3 * 365 * DAY_MS

let served: ServedDevice
beforeAll(async () => {
  const source = sourceOf(smallUnit('garage'), { fromMs: TODAY_MS - YEARS_MS })
  served = await serveSimulatedDevice(createSimulatedDevice({ source, clock: systemClock }))
})
afterAll(() => served.close())

async function inHome(store: object, act: (home: CliHome) => Promise<void>): Promise<void> {
  const home = await openCliHome({
    store,
    devices: [
      { name: 'garage', url: served.url, channels: [{ name: 'Fridge' }, { name: 'Dryer' }, { name: 'Furnce' }] },
    ],
  })
  try {
    await act(home)
  } finally {
    await home.close()
  }
}

const dayBefore = (days: number) => new Date(TODAY_MS - days * DAY_MS).toISOString().slice(0, 10)

describe.skipIf(!realBinary)('three years into a VictoriaMetrics that keeps one month', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startRealStore(['-retentionPeriod=1'])
  })
  afterAll(() => server.stop())

  it('are refused before a record is read, in words that help; a --since inside the month goes on', async () =>
    inHome({ url: server.url }, async (home) => {
      served.device.resetCounters()
      const refused = await home.run(['load'])
      expect(refused.code).toBe(1)
      expect(refused.stderr).toMatch(/\(106\d days\) would be dropped silently/)
      expect(refused.stderr).toMatch(/-retentionPeriod=100y \(at least 109\dd; its default is one month\)/)
      expect(served.device.counters().recordReads).toBe(0)
      expect(await exportAll(server.url)).toEqual(new Map())
      const [, date = ''] = /--since ([\d-]+)/.exec(refused.stderr) ?? []
      expect([dayBefore(30), dayBefore(29)]).toContain(date)
      const since = dayBefore(1)
      const went = await home.run(['load', '--since', since])
      expect(went.stdout).toMatch(
        new RegExp(`^garage +${since} +\\d{4}-.* +0 min +[12]\\d{3} min +\\d+ +0 min +1 channel +`, 'm'),
      )
      expect(went.code).toBe(0)
    }))
})

it('a dry run prints what there is to do, and writes nothing; --json prints it for programs', async () =>
  inHome({ type: 'embedded' }, async (home) => {
    const args = ['load', '--since', dayBefore(3), '--until', dayBefore(1), '--max-device-load', '40%']
    const people = await home.run([...args, '--dry-run', '--order', 'newest-first'])
    expect(people.stdout).toMatch(
      new RegExp(`^garage +2 +${dayBefore(3)} +${dayBefore(1)} +0 min +2880 min +\\d `, 'm'),
    )
    expect(people.stdout).toMatch(/^Newest first; .*at most 40 %/m)
    const machines = await home.run([...args, '--dry-run', '--json'])
    expect(JSON.parse(machines.stdout)).toMatchObject([{ value: { missingMinutes: 2880, thereMinutes: 0 } }])
    expect([people.code, machines.code]).toEqual([0, 0])
    const loaded = await home.run([...args, '--json'])
    const value = { thereMinutes: 0, copiedMinutes: 2880, sampleCount: 5760, unknownChannels: ['Furnce'] }
    expect(JSON.parse(loaded.stdout)).toMatchObject([{ value: { ...value, energy: { channelCount: 2 } } }])
    expect(loaded.stderr).toMatch(/garage: .* 2880 rows, 5760 samples, 100 %/)
    const again = await home.run([...args])
    expect(again.stdout).toContain('Nothing is missing.')
    expect(again.stdout).toContain('garage: Furnce is not copied: the device has no such channel')
  }))

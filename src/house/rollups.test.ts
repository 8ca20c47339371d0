import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createSimulatedClock } from '../../test/doubles/simulated-clock.ts'
import { HOUSE, memoryStore, seriesOf } from '../../test/stored-house.ts'
import { DAY_MS, HOUR_MS } from '../model/time-window.ts'
import { openTimeZone } from '../model/time-zone.ts'
import { silentLog } from '../runtime/log.ts'
import { planHouse } from './house-plan.ts'
import { loadSums } from './rollup-file.ts'
import { createRollups } from './rollups.ts'

it('a day that is read anew while its month is being saved is saved once more', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rollups-'))
  const startMs = Date.UTC(2026, 2, 27)
  const day = { fromMs: startMs, untilMs: startMs + DAY_MS }
  const clock = createSimulatedClock(startMs + 12 * HOUR_MS)
  const { store, put } = memoryStore()
  const plan = planHouse(HOUSE, [seriesOf('Mains_1')])
  const options = { store, clock, log: silentLog, folder, phaseMs: 0, zone: openTimeZone('America/New_York') }
  const rollups = createRollups({ ...options, planNow: () => plan, learn: () => Promise.resolve() })
  const stop = new AbortController()
  const write = (watts: number, hours: number) =>
    put(seriesOf('Mains_1'), { fromMs: startMs, untilMs: startMs + hours * HOUR_MS }, watts)
  write(100, 1)
  await rollups.opened(stop.signal)
  const running = rollups.run(stop.signal)
  // Nothing but the file takes longer than this.
  while (rollups.kept(day).length === 0) await Promise.resolve()
  write(100, 2)
  rollups.noteWritten(day)
  await clock.advance(11_000)
  await rollups.sums(day)
  stop.abort()
  await running
  const counts = ([one]: readonly { readonly counts: ArrayLike<number> }[]) => Array.from(one?.counts ?? [])
  expect(counts(rollups.kept(day))).toEqual([120])
  expect(counts(await loadSums(folder, plan, { clock, log: silentLog }))).toEqual([120])
  await rm(folder, { recursive: true })
})

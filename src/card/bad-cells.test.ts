import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { MINUTE_MS } from '../model/time-window.ts'
import { systemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { cardFixtureFolder } from '../simulator/fixtures/load-fixtures.ts'
import { RECORD_BYTES } from './log-record.ts'
import { openCardDevice } from './open-card-device.ts'

const FROM_MS = 1_716_940_800_000
const SUM1_AT = 16
const { signal } = new AbortController()

it.each([
  ['NaN', NaN],
  ['infinite', Infinity],
])('a sum that is %s costs its channel and what is worked out of it, for that minute', async (_, broken) => {
  const { folder, remove } = cardFixtureFolder('lab')
  onTestFinished(remove)
  const path = join(folder, 'iotawatt/histlog.log')
  const bytes = await readFile(path)
  // Channel 2 of the record at 00:03, which ends one minute and begins the next.
  bytes.writeDoubleLE(broken, 3 * RECORD_BYTES + SUM1_AT + 2 * 8)
  await writeFile(path, bytes)
  const card = await openCardDevice({ name: 'IotaWatt', path: folder }, { clock: systemClock, log: silentLog })
  const names = ['main_1', 'main_2', 'mains', 'grid']
  const columns = names.map((name) => ({ name, unit: 'watts' as const, decimals: 2 }))
  const window = { fromMs: FROM_MS, untilMs: FROM_MS + 5 * MINUTE_MS }
  const { rows } = await card.fetchRows({ columns, window, step: 'minute' }, signal)
  const number = expect.toSatisfy((value) => Number.isFinite(value))
  const complete = [number, number, number, number]
  const spoilt = [number, NaN, NaN, number]
  expect(rows.map(({ values }) => values)).toEqual([complete, complete, spoilt, spoilt, complete])
  const batch = await card.fetchMinutes!({ columns, window }, signal)
  expect([...batch.columns[1]!].map((value) => Number.isFinite(value))).toEqual([true, true, false, false, true])
  await card.close()
})

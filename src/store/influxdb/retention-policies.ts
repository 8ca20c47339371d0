import { StoreError } from '../../model/store.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../model/time-window.ts'
import { databaseOf } from './influxdb-options.ts'
import { identifier } from './influxql.ts'
import { type Questions, readTexts } from './questions.ts'

export interface RetentionPolicy {
  readonly name: string
  /** 0: for ever. */
  readonly durationMs: number
  readonly isDefault: boolean
}

export async function policiesOf(questions: Questions, signal: AbortSignal): Promise<readonly RetentionPolicy[]> {
  const database = databaseOf(questions.connection.target)
  const { rows } = await questions.askRows([`SHOW RETENTION POLICIES ON ${identifier(database)}`], signal)
  return rows.flatMap((part) => {
    const names = readTexts(part, 'name')
    const durations = readTexts(part, 'duration')
    const defaults = part.columns.indexOf('default')
    return names.map((name, index) => {
      const row = part.values[index]
      const isDefault: unknown = Array.isArray(row) ? row[defaults] : undefined
      return { name, durationMs: readDuration(durations[index] ?? ''), isDefault: isDefault === true }
    })
  })
}

const UNIT_MS: Readonly<Record<string, number>> = { w: 7 * DAY_MS, d: DAY_MS, h: HOUR_MS, m: MINUTE_MS, s: 1_000 }

/** `168h0m0s`, as Go writes it. */
export function readDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([wdhms])/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text)
    throw new StoreError('bad-answer', `the store says that it keeps samples for ${JSON.stringify(text)}`)
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNIT_MS[unit ?? ''] ?? 0), 0)
}

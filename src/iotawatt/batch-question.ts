import { type Column, DeviceError, type RowRequest } from '../model/device.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time-window.ts'

/** One batch of a request: rows of `stepMs` from `fromMs` on; the last one ends at `untilMs`. */
export interface BatchQuestion {
  readonly columns: readonly Column[]
  readonly group: '1m' | '60m' | '1440m' | 'all'
  readonly fromMs: number
  readonly untilMs: number
  readonly stepMs: number
  readonly rowCount: number
}

/** The first batch of the request, of at most `maxRows`. */
export function firstBatch({ columns, window, step }: RowRequest, maxRows: number): BatchQuestion {
  const { fromMs } = window
  if (step === 'window')
    return { columns, group: 'all', fromMs, untilMs: window.untilMs, stepMs: window.untilMs - fromMs, rowCount: 1 }
  const { group, stepMs } = STEPS[step]
  const untilMs = Math.min(window.untilMs, fromMs + maxRows * stepMs)
  const rowCount = Math.ceil((untilMs - fromMs) / stepMs)
  return { columns, group, fromMs, untilMs, stepMs, rowCount }
}

/** Minutes are the one unit that the firmware counts from the start of the window. */
const STEPS = {
  minute: { group: '1m', stepMs: MINUTE_MS },
  hour: { group: '60m', stepMs: HOUR_MS },
  day: { group: '1440m', stepMs: DAY_MS },
} as const

/** No bound of the firmware is known; a URL is copied four times on a heap of 20 kB. */
const MAX_PATH_LENGTH = 2_000

/** The same batch in as few questions as the length of a URL allows, each with a part of the columns. */
export function splitColumns(batch: BatchQuestion): BatchQuestion[] {
  const parts: Column[][] = []
  let space = -1
  for (const column of batch.columns) {
    const length = columnText(column).length + 1
    if (length > space) {
      parts.push([])
      space = MAX_PATH_LENGTH - batchPath({ ...batch, columns: [] }).length
    }
    parts.at(-1)?.push(column)
    space -= length
  }
  return parts.map((columns) => ({ ...batch, columns }))
}

export function batchPath({ columns, group, fromMs, untilMs, rowCount }: BatchQuestion): string {
  const select = ['time.utc.unix', ...columns.map(columnText)].join(',')
  const range = `begin=${fromMs / 1000}&end=${untilMs / 1000}&group=${group}`
  return `/query?select=[${select}]&${range}&header=yes&missing=null&limit=${rowCount}`
}

/** The unit is always there: without it the firmware may answer in any; and it comes first, as it resets the decimals. */
function columnText({ name, unit, decimals }: Column): string {
  return `${encodeURIComponent(name)}.${unit}.d${decimals}`
}

/** Refuses a name that the query language cannot carry; an empty one would crash the firmware. */
export function checkColumns(columns: readonly Column[], device: string): void {
  if (columns.length === 0) throw new DeviceError('rejected', `${device}: asked for rows without a channel`)
  for (const { name } of columns) {
    const problem = nameProblem(name)
    if (problem === undefined) continue
    const message = `${device}: the channel ${JSON.stringify(name)} cannot be asked for: ${problem}`
    throw new DeviceError('rejected', message, { hint: 'give the channel another name on the device', channel: name })
  }
}

/** Why a query cannot carry the name. */
export function nameProblem(name: string): string | undefined {
  if (name.trim() === '') return 'its name is empty'
  if (name.toLowerCase() === 'time') return 'the device reads this name as the time of a row'
  if (/[.,]/.test(name)) return 'a dot or a comma in its name ends it in the query'
  if (/["\\]/.test(name)) return 'a quotation mark or a backslash in its name breaks the answer'
  if (/[\p{Cc}\p{Cs}]/u.test(name)) return 'its name has a control character'
  return undefined
}

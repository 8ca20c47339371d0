import * as z from 'zod'
import type { DeviceStatus } from '../model/device.ts'
import { MINUTE_MS } from '../model/time-window.ts'
import { printableName } from '../runtime/printable.ts'
import { AnswerProblem, isNoNumber, parseAnswer, quote } from './answer-problem.ts'

/** The first that answers queries by name as all later ones do. */
export const OLDEST_FIRMWARE = '02_05_02'

/** Seconds; 0 while the device does not know. */
const unixSeconds = z.int().min(0).max(0xffff_ffff)
const orMissing = z.preprocess(
  (value) => (value === null || isNoNumber(value) ? undefined : value),
  unixSeconds.optional(),
)

/** Nothing depends on it but what people read. */
const shownText = z
  .string()
  .transform((text) => printableName(text))
  .catch('')

/** Of the standard time; nothing is copied by it. */
const offsetMinutes = z.int().min(-720).max(840).optional().catch(undefined)

const statsSchema = z.object({
  version: shownText,
  starttime: orMissing,
  currenttime: orMissing,
  runseconds: orMissing,
})
const logSchema = z.object({ firstkey: unixSeconds, lastkey: unixSeconds })

/** Of the answer, what is read; the rest may be anything. */
const statusSchema = z.object({
  device: z.object({ name: shownText, timediff: offsetMinutes }).catch({ name: '', timediff: undefined }),
  stats: statsSchema,
  datalogs: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]),
  wifi: z.object({ mac: z.string() }).optional().catch(undefined),
})
const versionSchema = z.object({ stats: z.object({ version: z.string() }) })

type Stats = z.infer<typeof statsSchema>
type LogSpan = z.infer<typeof logSchema>

export interface LogState {
  readonly status: DeviceStatus
  /** False for some seconds after a start: until then the device answers null for what it has. */
  readonly logsOpen: boolean
  /** The start is reckoned from how long it has been running, and moves by a second or two from one look to the next. */
  readonly isStartReckoned: boolean
}

/** The answer to `/status?stats=&datalogs=&device=&wifi=`, received at `nowMs`; throws `AnswerProblem`. */
export function readStatus(body: string, nowMs: number): LogState {
  const answer = parseAnswer(body)
  refuseOldFirmware(answer)
  const { device, stats, datalogs, wifi } = checkShape(statusSchema, answer, [])
  const { current, history } = findLogs(datalogs)
  const logs = history === undefined ? [current] : [current, history]
  // Firmware that does not tell its time: the clock here, by which a log that has stopped shows.
  const clockS = stats.currenttime ?? Math.floor(nowMs / 1000)
  const mac = readMac(wifi?.mac)
  return {
    status: {
      name: device.name,
      version: stats.version,
      startedAtMs: (stats.starttime ?? reckonStart(stats, clockS)) * 1000,
      clockMs: clockS * 1000,
      firstMs: Math.min(...logs.map((log) => log.firstkey)) * 1000,
      newestMs: current.lastkey * 1000,
      ...(mac !== undefined && { mac }),
      ...(device.timediff !== undefined && { standardOffsetMs: device.timediff * MINUTE_MS }),
    },
    logsOpen: logs.every((log) => log.firstkey > 0 && log.lastkey > 0),
    isStartReckoned: stats.starttime === undefined,
  }
}

function refuseOldFirmware(answer: unknown): void {
  const version = versionSchema.safeParse(answer).data?.stats.version
  if (version === undefined || !/^\d\d_\d\d_\d\d/.test(version) || version >= OLDEST_FIRMWARE) return
  throw new AnswerProblem(
    `its firmware is ${version}; ${OLDEST_FIRMWARE} or newer is needed`,
    'update the firmware of the device, then try again',
    'rejected',
  )
}

function reckonStart({ runseconds }: Stats, clockS: number): number {
  if (runseconds !== undefined) return Math.max(0, clockS - runseconds)
  throw new AnswerProblem(
    'not the status that was expected: its stats have no time in starttime, and none in runseconds',
  )
}

/** Told apart by their ids, by their names (up to 02_05_12), by their intervals, or by their places. */
function findLogs(datalogs: z.infer<typeof statusSchema>['datalogs']): { current: LogSpan; history?: LogSpan } {
  const entries = Array.isArray(datalogs) ? datalogs.map(withId) : Object.entries(datalogs).map(withName)
  const find = (id: LogId) => entries.find((entry) => entry.id === id)
  const current = find('Current')
  const history = find('History')
  if (current === undefined) throw new AnswerProblem('no log with the id "Current" among its datalogs')
  return { current: readLog(current), ...(history && { history: readLog(history) }) }
}

type LogId = 'Current' | 'History'
interface LogEntry {
  readonly id: string | undefined
  readonly log: unknown
}

const idSchema = z.object({ id: z.string() })
const intervalSchema = z.object({ interval: z.number() })
const CURRENT_INTERVAL_S = 5

function withId(log: unknown, place: number): LogEntry {
  const id = idSchema.safeParse(log).data?.id
  if (id !== undefined) return { id, log }
  const interval = intervalSchema.safeParse(log).data?.interval
  const isCurrent = interval === undefined ? place === 0 : interval === CURRENT_INTERVAL_S
  return { id: isCurrent ? 'Current' : 'History', log }
}

function withName([name, log]: [string, unknown]): LogEntry {
  const id = /^curr/i.test(name) ? 'Current' : /^hist/i.test(name) ? 'History' : undefined
  return { id, log }
}

function readLog({ id, log }: LogEntry): LogSpan {
  const span = checkShape(logSchema, log, ['datalogs', id ?? ''])
  if (span.firstkey > span.lastkey) throw new AnswerProblem(`the ${id} log ends before it starts`)
  return span
}

/** Undefined for what is no address of a network card. */
function readMac(text: string | undefined): string | undefined {
  const digits = text?.replace(/[:-]/g, '').toLowerCase() ?? ''
  if (!/^[0-9a-f]{12}$/.test(digits) || /^0+$/.test(digits)) return undefined
  return digits.match(/../g)?.join(':')
}

function checkShape<T>(schema: z.ZodType<T>, value: unknown, path: readonly string[]): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.map((issue) => describe(issue, value, path))
  throw new AnswerProblem(`not the status that was expected (${problems.slice(0, 3).join('; ')})`)
}

function describe({ path, message }: z.core.$ZodIssue, value: unknown, outer: readonly string[]): string {
  const found = path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  )
  const shown = isNoNumber(found) ? `: ${quote(String(found))}` : ''
  return `${[...outer, ...path.map(String)].join('.')}: ${message}${shown}`
}

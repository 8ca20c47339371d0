import * as z from 'zod'
import type { DeviceStatus } from '../model/device.ts'
import { printableName } from '../runtime/printable.ts'
import { AnswerProblem, parseAnswer } from './answer-problem.ts'

/** Seconds; 0 while the device does not know. */
const unixSeconds = z.int().min(0).max(0xffff_ffff)

/** Nothing depends on it but what people read. */
const shownText = z.string().transform((text) => printableName(text))

const statusSchema = z.object({
  device: z.object({ name: shownText }),
  stats: z.object({ starttime: unixSeconds, currenttime: unixSeconds, version: shownText }),
  datalogs: z.array(z.object({ id: z.string(), firstkey: unixSeconds, lastkey: unixSeconds })),
})

type StatusAnswer = z.infer<typeof statusSchema>

export interface LogState {
  readonly status: DeviceStatus
  /** False for some seconds after a start: until then the device answers null for what it has. */
  readonly logsOpen: boolean
}

/** The answer to `/status?stats=&datalogs=&device=`; throws `AnswerProblem`. */
export function readStatus(body: string): LogState {
  const { device, stats, datalogs } = checkShape(parseAnswer(body))
  const current = datalogs.find((log) => log.id === 'Current')
  const history = datalogs.find((log) => log.id === 'History')
  if (current === undefined) throw new AnswerProblem('no log with the id "Current" among its datalogs')
  const logs = history === undefined ? [current] : [current, history]
  for (const log of logs)
    if (log.firstkey > log.lastkey) throw new AnswerProblem(`the ${log.id} log ends before it starts`)
  return {
    status: {
      name: device.name,
      version: stats.version,
      startedAtMs: stats.starttime * 1000,
      clockMs: stats.currenttime * 1000,
      firstMs: Math.min(...logs.map((log) => log.firstkey)) * 1000,
      newestMs: current.lastkey * 1000,
    },
    logsOpen: logs.every((log) => log.firstkey > 0 && log.lastkey > 0),
  }
}

function checkShape(answer: unknown): StatusAnswer {
  const result = statusSchema.safeParse(answer)
  if (result.success) return result.data
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new AnswerProblem(`not the status that was expected (${problems.slice(0, 3).join('; ')})`)
}

import * as z from 'zod'
import { DeviceError, type LiveReading } from '../model/device.ts'
import { HOUR_MS } from '../model/time-window.ts'
import { type Clock, timeLeft } from '../runtime/clock.ts'
import { AnswerProblem, parseAnswer } from './answer-problem.ts'
import { ask } from './ask.ts'
import { askedText, type Connection } from './connection.ts'
import type { DeviceLoad } from './device-load.ts'
import { askSeries, isListOf, LIVE_PATH, MAX_LIST_BYTES, type Series } from './list-channels.ts'

const liveSchema = z.object({
  inputs: z.array(z.object({ Watts: z.unknown().optional() })),
  outputs: z.array(z.object({ name: z.string(), units: z.unknown().optional(), value: z.unknown().optional() })),
})
type Live = z.infer<typeof liveSchema>

/** Copying waits for the answer meanwhile. */
const MAX_TIMEOUT_MS = 10_000
/** Of the time that a device may be kept busy: copying pays for live readings, but never with all that it has. */
const MOST_OF_LOAD = 0.5

export interface LiveReaderOptions {
  readonly load: Pick<DeviceLoad, 'maxLoad'>
  readonly clock: Clock
  readonly timeoutMs: number
}

/** The present watts of a device. `/status` has no names of inputs: they come from the list of series, by their places. */
export function liveReader(connection: Connection, { load, clock, timeoutMs }: LiveReaderOptions) {
  const limits = { timeoutMs: Math.min(timeoutMs, MAX_TIMEOUT_MS), maxBytes: MAX_LIST_BYTES }
  const question = { path: LIVE_PATH, kind: 'live', ...limits } as const
  let series: Series | undefined
  let restedAtMs = -Infinity

  async function readNow(signal: AbortSignal): Promise<LiveReading> {
    series ??= await askSeries(connection, { timeoutMs: limits.timeoutMs, signal })
    const { value, tookMs } = await ask(connection, question, { read: readAnswer, signal })
    if (isListOf(series, value)) return { atMs: clock.nowMs(), tookMs, watts: wattsByName(series, value) }
    series = undefined
    const asked = askedText(question, connection)
    throw new DeviceError('bad-answer', `${asked}: its inputs and outputs are not those that it listed before`)
  }

  return {
    /** A newer list than the one that is known. */
    noteSeries(listed: Series): void {
      series = listed
    },
    async read(signal: AbortSignal): Promise<LiveReading | undefined> {
      const startedMs = clock.nowMs()
      if (connection.isBusy() || timeLeft(startedMs, restedAtMs, HOUR_MS) > 0) return undefined
      try {
        return await readNow(signal)
      } finally {
        const nowMs = clock.nowMs()
        restedAtMs = nowMs + (nowMs - startedMs) * (1 / (MOST_OF_LOAD * load.maxLoad()) - 1)
      }
    },
  }
}

function readAnswer(body: string): Live {
  const result = liveSchema.safeParse(parseAnswer(body))
  if (!result.success) throw new AnswerProblem('not the inputs and outputs that were expected')
  return result.data
}

/** What the device calls watts is signed and named as in its log; of two of one name, the first is logged. */
function wattsByName(series: Series, { inputs, outputs }: Live): LiveReading['watts'] {
  const values = [
    ...inputs.map(({ Watts }) => Watts),
    ...outputs.map(({ units, value }) => (units === 'Watts' ? value : undefined)),
  ]
  const watts = new Map<string, number | undefined>()
  series.forEach(({ name }, place) => {
    if (!watts.has(name)) watts.set(name, readWatts(values[place]))
  })
  return watts
}

/** A number, or one as text: `" 0"`. The device also prints -0, and words where it has none. */
function readWatts(value: unknown): number | undefined {
  const watts = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof watts === 'number' && Number.isFinite(watts) ? watts + 0 : undefined
}

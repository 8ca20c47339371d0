import type { DeviceHealth, LiveReadings } from '../model/daemon.ts'
import type { LiveReading } from '../model/device.ts'
import { type Clock, createSleeper, timeLeft } from '../runtime/clock.ts'
import { explain } from '../runtime/errors.ts'
import type { Log } from '../runtime/log.ts'

/** A device that can be asked for its present watts, by location; undefined: not now. */
export interface LiveSource {
  readonly name: string
  read(signal: AbortSignal): Promise<LiveReading | undefined>
}

export interface LiveOptions {
  readonly sources: readonly LiveSource[]
  readonly intervalMs: number
  readonly clock: Clock
  readonly log: Pick<Log, 'debug'>
  /** Ends it all. */
  readonly signal: AbortSignal
}

export interface LiveWatch {
  /** Begins with what is known of late. Returns how to end it: nothing is asked for nobody. */
  watch(listener: (readings: LiveReadings) => void): () => void
  /** What it costs a device. */
  cost(device: string): NonNullable<DeviceHealth['live']> | undefined
}

/** An older reading is none. */
const FRESH_INTERVALS = 2
/** Who answers later is published later: a device that is off holds up no other. */
const PATIENCE_MS = 1_000
/** A device that was busy with something else is asked so much later. */
const BUSY_MS = 1_000
/** A device that fails is asked less and less often, down to this. */
const MAX_PAUSE_MS = 60_000
const MAX_TIMES = 60

interface Asked {
  readonly source: LiveSource
  readonly times: number[]
  isUnderWay: boolean
  dueMs: number
  reading: LiveReading | undefined
  failingSinceMs: number | undefined
}

/** Asks all devices beside each other once per interval, for all who watch together. */
export function createLiveWatch({ sources, intervalMs, clock, log, signal }: LiveOptions): LiveWatch {
  const all = sources.map((source): Asked => ({
    source,
    times: [],
    isUnderWay: false,
    dueMs: -Infinity,
    reading: undefined,
    failingSinceMs: undefined,
  }))
  const listeners = new Set<(readings: LiveReadings) => void>()
  let publishedMs = -Infinity
  let running: AbortController | undefined

  const isWithin = (atMs: number, intervals: number) => Math.abs(clock.nowMs() - atMs) <= intervals * intervalMs

  function newest(): LiveReadings {
    const fresh = all.flatMap(({ source, reading }) =>
      reading && isWithin(reading.atMs, FRESH_INTERVALS) ? [[source.name, reading] as const] : [],
    )
    return { intervalMs, devices: new Map(fresh) }
  }

  function publish(): void {
    publishedMs = clock.nowMs()
    const readings = newest()
    for (const listener of listeners) listener(readings)
  }

  /** Whether it has answered. */
  async function ask(asked: Asked): Promise<boolean> {
    const startedMs = clock.nowMs()
    asked.isUnderWay = true
    try {
      const reading = await asked.source.read(signal)
      asked.dueMs = startedMs + (reading ? intervalMs : Math.min(intervalMs, BUSY_MS))
      if (reading === undefined) return false
      asked.reading = reading
      asked.failingSinceMs = undefined
      asked.times.push(reading.tookMs)
      if (asked.times.length > MAX_TIMES) asked.times.shift()
      return true
    } catch (error) {
      asked.failingSinceMs ??= startedMs
      asked.dueMs = startedMs + Math.max(intervalMs, Math.min(MAX_PAUSE_MS, 2 * (startedMs - asked.failingSinceMs)))
      log.debug(`${asked.source.name}: no live reading: ${explain(error)}`)
      return false
    } finally {
      asked.isUnderWay = false
    }
  }

  async function askAll(due: readonly Asked[], until: AbortSignal): Promise<void> {
    let [isAnswered, isLate] = [false, false]
    const answers = due.map(async (asked) => {
      if (!(await ask(asked))) return
      isAnswered = true
      if (isLate) publish()
    })
    const patience = createSleeper(clock)
    await Promise.race([Promise.all(answers), patience.sleep(PATIENCE_MS, until)])
    patience.wake()
    isLate = true
    if (isAnswered) publish()
  }

  async function run(until: AbortSignal): Promise<void> {
    const sleeper = createSleeper(clock)
    while (!until.aborted) {
      const idle = all.filter(({ isUnderWay }) => !isUnderWay)
      const leftMs = ({ dueMs }: Asked) => timeLeft(clock.nowMs(), dueMs, Math.max(intervalMs, MAX_PAUSE_MS))
      const due = idle.filter((asked) => leftMs(asked) === 0)
      if (due.length > 0) await askAll(due, until)
      else await sleeper.sleep(Math.min(BUSY_MS, ...idle.map(leftMs)), until)
      // What has become old is shown no more.
      if (!isWithin(publishedMs, 1)) publish()
    }
  }

  return {
    watch(listener) {
      listeners.add(listener)
      if (isWithin(publishedMs, FRESH_INTERVALS)) listener(newest())
      if (running === undefined) {
        running = new AbortController()
        void run(AbortSignal.any([signal, running.signal]))
      }
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        running?.abort()
        running = undefined
      }
    },
    cost(device) {
      const times = all.find(({ source }) => source.name === device)?.times
      if (times === undefined) return undefined
      const answerMs = times.reduce((sum, tookMs) => sum + tookMs, 0) / times.length
      return { intervalMs, ...(times.length > 0 && { answerMs: Math.round(answerMs), share: answerMs / intervalMs }) }
    },
  }
}

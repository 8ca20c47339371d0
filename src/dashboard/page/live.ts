import { batch, signal, type ReadonlySignal, type Signal } from '@preact/signals'
import {
  isCycle,
  isDeviceWindow,
  isJob,
  isJobs,
  isLiveReadings,
  isNewEvent,
  isStatus,
  type Is,
  type Job,
  type LiveReadings,
  type Status,
} from '../api/answers.ts'
import type { Server } from '../api/server.ts'

/** What the daemon tells by itself; the numbers rise when what shows them should ask again. */
export interface Live {
  readonly status: ReadonlySignal<Status | undefined>
  readonly jobs: ReadonlySignal<ReadonlyMap<string, Job>>
  /** By the clock of the daemon. */
  readonly nowMs: ReadonlySignal<number>
  readonly cycles: ReadonlySignal<number>
  readonly changes: ReadonlySignal<number>
  readonly events: ReadonlySignal<number>
  /** The newest that came; undefined before the first, or where `web.live` is off. */
  readonly readings: ReadonlySignal<LiveReadings | undefined>
  /** The newest in which house and grid are known: what a device read last stays when it is silent. */
  readonly houseReadings: ReadonlySignal<LiveReadings | undefined>
  /** How often the stream has opened: after it was broken, another daemon may answer. */
  readonly openings: ReadonlySignal<number>
  /** Undefined while it is live, or was a moment ago. */
  readonly notLiveSinceMs: ReadonlySignal<number | undefined>
  takeStatus(status: Status): void
  takeJob(job: Job): void
}

const SILENT_MS = 30_000
const TICK_MS = 1_000
const POLL_MS = 10_000
/** In a demo minutes pass in a second: no view asks oftener than this. */
const LEAST_ASK_MS = 2_000

export function openLive(server: Server, openStream: (path: string) => EventSource): Live {
  const status = signal<Status | undefined>(undefined)
  const jobs = signal<ReadonlyMap<string, Job>>(new Map())
  const nowMs = signal(Date.now())
  const cycles = signal(0)
  const changes = signal(0)
  const events = signal(0)
  const readings = signal<LiveReadings | undefined>(undefined)
  const houseReadings = signal<LiveReadings | undefined>(undefined)
  const openings = signal(0)
  const notLiveSinceMs = signal<number | undefined>(undefined)
  let aheadMs = 0
  let brokenSinceMs: number | undefined = Date.now()

  const tick = () => {
    nowMs.value = Date.now() + aheadMs
    const sinceMs = brokenSinceMs ?? Infinity
    notLiveSinceMs.value = Date.now() - sinceMs > SILENT_MS ? sinceMs + aheadMs : undefined
  }
  const takeStatus = (found: Status) =>
    batch(() => {
      // A kept status has a time that is over.
      if (server.keptAtMs.peek() === undefined) aheadMs = found.nowMs - Date.now()
      // What could not be asked of the store can be now.
      if (status.peek()?.store.state === 'failing' && found.store.state === 'ok') {
        cycles.value++
        changes.value++
      }
      status.value = found
      tick()
    })
  const takeReadings = (found: LiveReadings) =>
    batch(() => {
      readings.value = found
      if (found.watts.house !== null && found.watts.fromGrid !== null) houseReadings.value = found
    })
  const takeJob = (job: Job) => (jobs.value = new Map(jobs.value).set(job.id, job))
  const askStatus = () => void server.ask('/api/v1/status', isStatus).then(takeStatus, () => undefined)
  const askJobs = () => {
    server.ask('/api/v1/jobs', isJobs).then(
      ({ jobs: found }) => (jobs.value = new Map(found.map((job) => [job.id, job]))),
      () => undefined,
    )
  }

  const raise = (version: Signal<number>) => atMostEvery(LEAST_ASK_MS, () => version.value++)
  const [raiseCycles, raiseChanges, raiseEvents] = [raise(cycles), raise(changes), raise(events)] as const

  function open(): EventSource {
    const stream = openStream('/api/v1/events')
    const on = <T>(name: string, is: Is<T>, take: (data: T) => void) =>
      stream.addEventListener(name, ({ data }: MessageEvent<unknown>) => {
        const found: unknown = typeof data === 'string' ? JSON.parse(data) : undefined
        if (is(found)) take(found)
      })
    stream.addEventListener('open', () => {
      brokenSinceMs = undefined
      tick()
      askJobs()
      if (openings.peek() > 0) batch(() => [cycles, changes, events].forEach((version) => version.value++))
      openings.value++
    })
    stream.addEventListener('error', () => (brokenSinceMs ??= Date.now()))
    on('status', isStatus, takeStatus)
    on('pass', isCycle, raiseCycles)
    on('coverage', isDeviceWindow, raiseChanges)
    on('event', isNewEvent, raiseEvents)
    on('job', isJob, takeJob)
    on('live', isLiveReadings, takeReadings)
    return stream
  }

  // While a stream is open, the devices are asked for their watts: nobody sees those of a hidden page.
  let stream = document.hidden ? undefined : open()
  document.addEventListener('visibilitychange', () => {
    stream?.close()
    brokenSinceMs = document.hidden ? undefined : Date.now()
    stream = document.hidden ? undefined : open()
  })

  askStatus()
  setInterval(tick, TICK_MS)
  setInterval(() => {
    if (brokenSinceMs !== undefined) askStatus()
  }, POLL_MS)
  return {
    status,
    jobs,
    nowMs,
    cycles,
    changes,
    events,
    readings,
    houseReadings,
    openings,
    notLiveSinceMs,
    takeStatus,
    takeJob,
  }
}

/** Calls at once, and once more at the end of the time when it was called in between. */
function atMostEvery(leastMs: number, call: () => void): () => void {
  let isResting = false
  let isAsked = false
  return function attempt() {
    if (isResting) {
      isAsked = true
      return
    }
    call()
    isResting = true
    setTimeout(() => {
      isResting = false
      if (isAsked) {
        isAsked = false
        attempt()
      }
    }, leastMs)
  }
}

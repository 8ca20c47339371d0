import type { Clock } from '../runtime/clock.ts'
import { untilAborted } from '../runtime/until-aborted.ts'

export interface Gate {
  /** Acts as soon as there is a place; those who wait come in their order. */
  run<T>(act: () => Promise<T>, signal: AbortSignal): Promise<T>
  /** Acts now; undefined where all places are taken. */
  tryRun<T>(act: () => Promise<T>): Promise<T> | undefined
}

export interface GateOptions {
  /** How many may act at a time. */
  readonly places: number
  /** Who has acted for so long gives its place to the next, and goes on: it waits for its device; left out: nobody does. */
  readonly slowMs?: number
}

export function createGate({ places, slowMs }: GateOptions, clock: Pick<Clock, 'sleep'>): Gate {
  const waiting: (() => void)[] = []
  let taken = 0

  function give(): void {
    const next = waiting.shift()
    if (next) next()
    else taken--
  }

  async function act<T>(work: () => Promise<T>): Promise<T> {
    const ended = new AbortController()
    let isGiven = false
    const giveOnce = () => {
      if (!isGiven) give()
      isGiven = true
    }
    if (slowMs !== undefined) clock.sleep(slowMs, ended.signal).then(giveOnce, () => {})
    try {
      return await work()
    } finally {
      ended.abort()
      giveOnce()
    }
  }

  return {
    async run(work, signal) {
      if (taken < places) taken++
      else {
        let admit = () => {}
        const admitted = new Promise<void>((resolve) => waiting.push((admit = resolve)))
        await untilAborted(admitted, signal).catch((error: unknown) => {
          const place = waiting.indexOf(admit)
          if (place < 0) give()
          else waiting.splice(place, 1)
          throw error
        })
      }
      return act(work)
    },
    tryRun(work) {
      if (taken >= places) return undefined
      taken++
      return act(work)
    },
  }
}

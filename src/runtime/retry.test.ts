import { describe, expect, it } from 'vitest'
import { createSimulatedClock } from '../../test/doubles/simulated-clock.ts'
import { pauseAfter, retry, type RetryPolicy } from './retry.ts'

class Failure extends Error {
  readonly reason: string
  readonly askedMs: number

  constructor(reason: string, askedMs = 0) {
    super(reason)
    this.reason = reason
    this.askedMs = askedMs
  }
}

const POLICY: RetryPolicy<Failure> = {
  isFailure: (error) => error instanceof Failure,
  tries: ({ reason }) => (reason === 'rejected' ? 1 : 4),
  firstPauseMs: 500,
  askedPauseMs: ({ askedMs }) => askedMs,
}

const { signal } = new AbortController()

describe('the pause after a failed try', () => {
  it.each([
    ['is half as long and a half more at most', 'busy', { attempt: 1 }, [250, 750]],
    ['is doubled each time', 'busy', { attempt: 2 }, [500, 1_500]],
    ['is doubled once more', 'busy', { attempt: 3 }, [1_000, 3_000]],
    ['is none after the last', 'busy', { attempt: 4 }, [undefined, undefined]],
    ['is none where asking again does not help', 'rejected', { attempt: 1 }, [undefined, undefined]],
    ['is one where nobody waits', 'unreachable', { attempt: 2, tookMs: 9_000 }, [500, 1_500]],
    ['is one when it was clear at once, for who waits', 'unreachable', { attempt: 1, isBrief: true }, [250, 750]],
    ['is none after two tries, for who waits', 'unreachable', { attempt: 2, isBrief: true }, [undefined, undefined]],
    [
      'is none after a slow one, for who waits',
      'unreachable',
      { tookMs: 1_501, isBrief: true },
      [undefined, undefined],
    ],
    ['is one where somebody answered, for who waits', 'busy', { attempt: 3, isBrief: true }, [1_000, 3_000]],
  ])('%s', (_, reason, failed, expected) => {
    const pauses = [0, 1].map((random) =>
      pauseAfter(
        POLICY,
        { error: new Failure(reason), attempt: 1, tookMs: 0, isBrief: false, ...failed },
        () => random,
      ),
    )
    expect(pauses).toEqual(expected)
  })

  it.each([
    [100, 500],
    [8_000, 8_000],
    [90_000, 30_000],
  ])('where the other side asks for %i ms is %i ms', (askedMs, pauseMs) => {
    const failed = { error: new Failure('busy', askedMs), attempt: 1, tookMs: 0, isBrief: false }
    expect(pauseAfter(POLICY, failed, () => 0.5)).toBe(pauseMs)
  })
})

describe('a question', () => {
  const setUp = (failures: readonly Error[]) => {
    const clock = createSimulatedClock(0)
    const left = [...failures]
    const askedAtMs: number[] = []
    const ask = () => {
      askedAtMs.push(clock.nowMs())
      const failure = left.shift()
      return failure ? Promise.reject(failure) : Promise.resolve('answer')
    }
    return { clock, askedAtMs, ask, options: { policy: POLICY, clock, random: () => 0.5 } }
  }
  const busy = new Failure('busy')

  it('is asked again until it is answered', async () => {
    const { clock, askedAtMs, ask, options } = setUp([busy, busy])
    const retries: number[] = []
    const answer = retry(ask, { ...options, onRetry: (_, { pauseMs }) => void retries.push(pauseMs) }, signal)
    expect(await clock.runUntilDone(answer)).toBe('answer')
    expect(askedAtMs).toEqual([0, 500, 1_500])
    expect(retries).toEqual([500, 1_000])
  })

  it.each([
    ['that fails every time is given up', [busy, busy, busy, busy], 4, 'busy'],
    ['that is refused is not repeated', [new Failure('rejected')], 1, 'rejected'],
    ['that fails in its own way is not repeated', [new TypeError('a mistake here')], 1, 'a mistake here'],
  ])('%s', async (_, failures, tries, message) => {
    const { clock, askedAtMs, ask, options } = setUp(failures)
    const refused = retry(ask, options, signal).catch((error: unknown) => error)
    expect(await clock.runUntilDone(refused)).toMatchObject({ message })
    expect(askedAtMs).toHaveLength(tries)
  })

  it('that is stopped ends at once, also in a pause', async () => {
    const stop = new AbortController()
    const { clock, askedAtMs, ask, options } = setUp([busy])
    const refused = retry(ask, options, stop.signal).catch((error: unknown) => error)
    await clock.advance(100)
    stop.abort(new Error('stopped'))
    expect(await refused).toMatchObject({ message: 'stopped' })
    expect([askedAtMs, clock.nowMs()]).toEqual([[0], 100])
  })

  it('that has its tries behind it cannot be retried, by its type', async () => {
    const { ask, options } = setUp([])
    const retried = () => retry(ask, options, signal)
    // @ts-expect-error One layer of retries is enough.
    expect(await retry(retried, options, signal)).toBe('answer')
  })
})

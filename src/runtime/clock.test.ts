import { expect, it } from 'vitest'
import { systemClock, timeLeft } from './clock.ts'

it('sleeps for longer than a timer of Node can be, and not for a millisecond', async () => {
  const stop = new AbortController()
  const slept = systemClock.sleep(2 ** 31 + 5_000, stop.signal)
  const short = systemClock.sleep(50, stop.signal).then(() => 'the short one first')
  await expect(Promise.race([slept, short])).resolves.toBe('the short one first')
  stop.abort(new Error('stopped'))
  await expect(slept).rejects.toThrow('stopped')
})

it.each([
  [1_000, 0],
  [900, 100],
  [1_100, 0],
  // Set back by a little, and by more than there was to wait.
  [500, 500],
  [499, 0],
  [-86_400_000, 0],
])('at %i ms, %i ms are left until 1,000 ms that were 500 ms away', (nowMs, left) => {
  expect(timeLeft(nowMs, 1_000, 500)).toBe(left)
})

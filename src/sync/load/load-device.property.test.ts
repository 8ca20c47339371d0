import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CHANNELS, storeWithGaps, plansUpTo, type Plan } from '../../../test/store-with-gaps.ts'
import { MINUTE_MS, minuteCount, splitWindow } from '../../model/time-window.ts'
import { loadWork } from './load-device.ts'
import { planWork } from './plan-load.ts'

const { signal } = new AbortController()
const scope = { signal, refuseBeyondRetention: true }
const numRuns = process.env['LONG'] ? 1_000 : 20
/** Its channels begin in two different minutes of the same chunk. */
const BEGINS_TWICE: Plan = {
  length: 3,
  off: [{ at: 0, length: 1 }],
  stored: { A: [], B: [{ at: 2, length: 1, as: 'there' }], C: [] },
  pages: [1],
}
const chunkSizes = fc.integer({ min: 20, max: 900 })

it('a load in either order takes each chunk once, and leaves the minutes of the device once', () =>
  fc.assert(
    fc.asyncProperty(
      plansUpTo(700),
      chunkSizes,
      fc.constantFrom('oldest-first' as const, 'newest-first' as const),
      fc.boolean(),
      async (plan, chunkMinutes, order, isPaused) => {
        const { context, window, run, wrong, isUnstored, isLogged, minutes } = storeWithGaps(plan, { chunkMinutes })
        const chunks: number[] = []
        let doneMinutes = 0
        const load = loadWork(context, {
          ...scope,
          order,
          onProgress: (progress) => {
            chunks.push(progress.chunk.fromMs)
            expect(progress.doneMinutes).toBeGreaterThan(doneMinutes)
            doneMinutes = progress.doneMinutes
          },
        })
        expect(await run(load.step(() => isPaused))).toBe(false)
        for (let isDone = false, steps = 0; !isDone; steps++) {
          expect(steps).toBeLessThanOrEqual(2 * minutes.length)
          isDone = await run(load.step(() => isPaused))
        }
        expect(wrong()).toEqual([])
        const ascending = splitWindow(window, chunkMinutes * MINUTE_MS).map(({ fromMs }) => fromMs)
        expect(chunks).toEqual(order === 'oldest-first' ? ascending : ascending.toReversed())
        expect(doneMinutes).toBe(minuteCount(window))
        const copied = CHANNELS.map((name) => minutes.filter((atMs) => isUnstored(name, atMs) && isLogged(atMs)))
        expect(load.result().sampleCount).toBe(copied.flat().length)
        expect(load.result().copiedMinutes).toBe(new Set(copied.flat()).size)
      },
    ),
    { numRuns, examples: [[BEGINS_TWICE, 20, 'oldest-first', false]] },
  ))

it('a plan counts the minutes that are missing, chunk by chunk', () =>
  fc.assert(
    fc.asyncProperty(plansUpTo(700), chunkSizes, async (plan, chunkMinutes) => {
      const { context, window, run, minutes, isUnstored } = storeWithGaps(plan, { chunkMinutes })
      // A channel that is known to have existed is expected from the start, whatever was measured.
      const channels = context.settings.channels?.map((channel) => ({ ...channel, sinceMs: window.fromMs })) ?? []
      const work = planWork({ ...context, settings: { ...context.settings, channels } }, scope)
      while (!(await run(work.step(() => false))));
      const missing = minutes.filter((atMs) => CHANNELS.some((name) => isUnstored(name, atMs)))
      const byChunk = splitWindow(window, chunkMinutes * MINUTE_MS).map((chunk) =>
        missing.filter((atMs) => atMs >= chunk.fromMs && atMs < chunk.untilMs),
      )
      // Of what is read at once, each minute that has no other near before it begins a question.
      const begun = byChunk.flatMap((chunk) =>
        chunk.filter((atMs, index) => atMs - (chunk[index - 1] ?? 0) > 4 * MINUTE_MS),
      )
      expect(work.result()).toMatchObject({
        window,
        missingMinutes: missing.length,
        thereMinutes: minutes.length - missing.length,
        missingByChunk: byChunk.map((chunk) => chunk.length),
        requestCount: begun.length + Math.floor(missing.length / 1_000),
      })
    }),
    { numRuns },
  ))

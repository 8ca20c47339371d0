import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CHANNELS, storeWithGaps, plansUpTo } from '../../../test/store-with-gaps.ts'
import { fillWindow } from './fill-window.ts'
import { openSession } from '../session/open-session.ts'
import { withReplanning } from './replan.ts'

const { signal } = new AbortController()
const numRuns = process.env['LONG'] ? 1_000 : 30

/** After which batches something else is due, over and over. */
const interruptions = fc.array(fc.boolean(), { maxLength: 5 })
/** How many batches come before one that fails, each time that the window is begun. */
const failures = fc.array(fc.nat(4), { maxLength: 3 })

it('whatever is missing in a store and wherever the copying is cut short: in the end the minutes of the device are there once', () =>
  fc.assert(
    fc.asyncProperty(plansUpTo(1_000), interruptions, failures, async (plan, pauses, fails) => {
      const { context, window, run, wrong, failAfter, isUnstored, isLogged, minutes } = storeWithGaps(plan)
      let batches = 0
      const interrupted = () => pauses[batches++ % pauses.length] ?? false
      const left = [...fails]
      let absent = 0
      const fill = async () => {
        failAfter(left.shift() ?? Infinity)
        const session = await openSession(context, signal)
        for (let isDone = false, calls = 0; !isDone; calls++) {
          expect(calls).toBeLessThanOrEqual(minutes.length)
          const filled = await fillWindow(session, { targets: session.targets, window }, { signal, interrupted })
          absent = filled.absentMinutes
          isDone = filled.complete
        }
      }
      await run(withReplanning(context, fill, { signal, maxAttempts: 5 }))
      expect(wrong()).toEqual([])
      const isAbsent = (atMs: number) => !isLogged(atMs) && CHANNELS.some((name) => isUnstored(name, atMs))
      if (pauses.length + fails.length === 0) expect(absent).toBeGreaterThanOrEqual(minutes.filter(isAbsent).length)
    }),
    { numRuns },
  ))

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CHANNELS, storeWithGaps, plansUpTo } from '../../../test/store-with-gaps.ts'
import { splitWindow, MINUTE_MS } from '../../model/time-window.ts'
import { verifyWork } from './verify-device.ts'

const { signal } = new AbortController()
const numRuns = process.env['LONG'] ? 500 : 6

it.each([
  ['names', false, 'missing'],
  ['fills', true, 'filled'],
] as const)('%s exactly the minutes that are missing in a store and the device has', (_, repair, finding) =>
  fc.assert(
    fc.asyncProperty(plansUpTo(3_000), fc.integer({ min: 300, max: 3_000 }), async (plan, chunkMinutes) => {
      const { context, run, minutes, isUnstored, isLogged, stored, wrong } = storeWithGaps(plan, { chunkMinutes })
      const before = CHANNELS.map(stored)
      const work = verifyWork(context, { signal, repair })
      while (!(await run(work.step(() => false))));
      const { channels, days } = work.result()
      for (const [index, name] of CHANNELS.entries()) {
        const { key, tally } = channels.find(({ location }) => location === name) ?? {}
        const spans = days.filter((day) => day.key === key).flatMap((day) => day.spans)
        const named = spans.filter((span) => span.finding === finding).flatMap((span) => splitWindow(span, MINUTE_MS))
        const due = minutes.filter((atMs) => isUnstored(name, atMs) && isLogged(atMs))
        expect(named.map(({ fromMs }) => fromMs).sort((a, b) => a - b)).toEqual(due)
        expect(tally).toMatchObject({ missing: 0, filled: 0, [finding]: due.length })
        if (!repair) expect(stored(name).join()).toBe(before[index]?.join())
      }
      if (repair) expect(wrong()).toEqual([])
    }),
    { numRuns },
  ),
)

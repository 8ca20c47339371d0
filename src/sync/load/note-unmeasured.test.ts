import { expect, it } from 'vitest'
import { isWithin, seriesOf, UNTIL_MS, verifiedHouse } from '../../../test/verified-house.ts'
import { HOUR_MS, MINUTE_MS, type TimeWindow } from '../../model/time-window.ts'
import { noteUnmeasured } from './load-device.ts'
import { openSession } from '../session/open-session.ts'

const { signal } = new AbortController()
const hours = (from: number, until: number): TimeWindow => ({
  fromMs: UNTIL_MS - from * HOUR_MS,
  untilMs: UNTIL_MS - until * HOUR_MS,
})
const GAP = hours(5, 4)
const house = verifiedHouse({ days: 1 })
const stored = new Map(
  [...house.measured].map(([name, all]) => [name, new Map([...all].filter(([atMs]) => !isWithin(atMs, GAP)))]),
)

it.each([
  ['what is missing of a window', [], hours(6, 3), [GAP]],
  ['of the window alone', [], hours(4.5, 3), [hours(4.5, 4)]],
  ['two windows that touch make one run', [hours(5, 4.5)], hours(4.5, 3), [GAP]],
  ['what was noted elsewhere stays', [hours(9, 8)], hours(6, 3), [hours(9, 8), GAP]],
  ['what is stored by now is forgotten', [hours(7, 5.5)], hours(6, 3), [hours(7, 6), GAP]],
  ['a window within a run takes its part out', [hours(9, 6)], hours(8, 7), [hours(9, 8), hours(7, 6)]],
])('%s', async (_, before, window, after) => {
  const { clock, context } = house.setUp({ stored })
  const session = await clock.runUntilDone(openSession(context, signal))
  context.memory.shown.unmeasured = before
  await clock.runUntilDone(noteUnmeasured(session, { targets: session.targets, window }, signal))
  expect(context.memory.shown.unmeasured).toEqual(after)
})

it('a minute that is missing for one channel is noted', async () => {
  const minute = { fromMs: GAP.fromMs, untilMs: GAP.fromMs + MINUTE_MS }
  const more = [...house.measured].slice(1).map(([name, all]) =>
    seriesOf(
      name,
      [...all].filter(([atMs]) => isWithin(atMs, GAP)),
    ),
  )
  const { clock, context } = house.setUp({ stored, more })
  const session = await clock.runUntilDone(openSession(context, signal))
  await clock.runUntilDone(noteUnmeasured(session, { targets: session.targets, window: minute }, signal))
  expect(context.memory.shown.unmeasured).toEqual([minute])
})

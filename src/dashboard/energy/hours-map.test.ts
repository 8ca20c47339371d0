import { expect, it } from 'vitest'
import { hoursByWall, hourSpan, toneSteps } from './hours-map.tsx'

const day = (watts: readonly number[], wallHours?: readonly number[]) => ({
  date: '',
  fromMs: 0,
  watts,
  ...(wallHours && { wallHours }),
})

it.each([
  ['an ordinary day', day([10, 11, 12]), 1, [11]],
  ['an hour still to come', day([10, 11, 12]), 3, []],
  ['the hour left out', day([10, 11, 13], [0, 1, 3]), 2, []],
  ['the hour after it', day([10, 11, 13], [0, 1, 3]), 3, [13]],
  ['the hour that occurs twice', day([10, 11, 12, 13], [0, 1, 1, 2]), 1, [11, 12]],
])('%s', (_, given, hour, expected) => expect(hoursByWall(given, hour)).toEqual(expected))

it.each([
  ['of a summer', Array.from({ length: 70 }, (_, hour) => hour * 10), [0, 100, 200, 300, 400, 500, 600]],
  ['of a winter', Array.from({ length: 70 }, (_, hour) => 4000 + hour * 10), [0, 4100, 4200, 4300, 4400, 4500, 4600]],
  ['of a house that never changes', [500, 500, 500], [0, 500]],
  ['of an idle one', [0, 0], [0]],
  ['of nothing', [], [0]],
])('tones %s', (_, watts, steps) => expect(toneSteps([day(watts)])).toEqual(steps))

const HOUR = 3_600_000
it.each([
  ['an hour', day([10, 11, 12]), 1, { fromMs: HOUR, untilMs: 2 * HOUR }],
  ['the hour that occurs twice', day([10, 11, 12, 13], [0, 1, 1, 2]), 1, { fromMs: HOUR, untilMs: 3 * HOUR }],
  ['the hour after it', day([10, 11, 12, 13], [0, 1, 1, 2]), 2, { fromMs: 3 * HOUR, untilMs: 4 * HOUR }],
  ['an hour still to come', day([10]), 3, undefined],
])('the time of %s', (_, given, hour, span) => expect(hourSpan(given, hour)).toEqual(span))

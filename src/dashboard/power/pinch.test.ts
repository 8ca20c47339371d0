import { expect, it } from 'vitest'
import { beginPinch, pinched } from './use-gestures.ts'

const H = 3_600_000
const range = { fromMs: 0, untilMs: 10 * H }
const fingers = (first: number, second: number) =>
  new Map([
    [1, first],
    [2, second],
  ])
const began = beginPinch(fingers(400, 600), range, (x) => (x / 1000) * 10 * H)

it.each([
  ['apart', fingers(300, 700), { fromMs: 2.5 * H, untilMs: 7.5 * H }],
  ['together', fingers(450, 550), { fromMs: -5 * H, untilMs: 15 * H }],
  ['over each other', fingers(500, 500), { fromMs: 20 * H - 200 * H, untilMs: 20 * H }],
])('two fingers %s', (_, now, shown) => expect(pinched(began, now, 20 * H)).toEqual(shown))

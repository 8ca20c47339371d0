import { expect, test } from 'vitest'
import { MINUTE_MS } from '../model/time-window.ts'
import { formatDay, openTimeZone } from '../model/time-zone.ts'
import { compareMeter, createMeasuredBins } from './compare-meter.ts'
import type { Flow } from './meter-columns.ts'

const zone = openTimeZone('Europe/Berlin')
/** Four days around the end of the summer time. */
const [FROM_MS, UNTIL_MS] = [Date.parse('2026-10-23T00:00+02:00'), Date.parse('2026-10-27T00:00+01:00')]
const SPAN = { fromMs: FROM_MS, untilMs: UNTIL_MS }
const QUARTER_MS = 15 * MINUTE_MS
const wattsAt = (atMs: number) => 200 + ((Math.floor(atMs / QUARTER_MS) * 7919) % 3001)

interface Case {
  readonly factor?: number
  readonly shiftMs?: (atMs: number) => number
  readonly isMissing?: (atMs: number) => boolean
  readonly flow?: Flow
}

/** A meter that counts what is measured, but for what a case says. */
function compare({ factor = 1, shiftMs = () => 0, isMissing = () => false, flow = 'import' }: Case) {
  const bins = createMeasuredBins({ fromMs: FROM_MS - 86_400_000, untilMs: UNTIL_MS + 86_400_000 })
  for (let fromMs = bins.fromMs; fromMs < UNTIL_MS + 86_400_000; fromMs += 60 * MINUTE_MS) {
    const watts = Float64Array.from({ length: 60 }, (_, minute) => {
      const atMs = fromMs + minute * MINUTE_MS
      return isMissing(atMs) ? NaN : wattsAt(atMs)
    })
    bins.add({ fromMs, fromGrid: watts, toGrid: watts.map((one) => one / 2) })
  }
  const readings = new Map<number, number>()
  const share = { import: 1, export: 0.5, net: 0.5 }[flow]
  for (let atMs = FROM_MS; atMs < UNTIL_MS; atMs += QUARTER_MS)
    readings.set(atMs, (share * factor * wattsAt(atMs - shiftMs(atMs))) / 4000)
  const meter = { minutes: 15, stamps: 'start' as const, ...SPAN, titles: { time: '', energy: '' }, skippedRows: 0 }
  const [found] = compareMeter({ ...meter, flows: new Map([[flow, readings]]) }, bins, zone)
  return found ?? expect.unreachable()
}

test.each<Flow>(['import', 'export', 'net'])('what is measured as it is metered has no difference: %s', (flow) => {
  const { days, complete, shifts, factor } = compare({ flow })
  expect(days.map(({ day }) => formatDay(day))).toEqual(['2026-10-23', '2026-10-24', '2026-10-25', '2026-10-26'])
  for (const { meteredKwh, measuredKwh } of days) expect(measuredKwh).toBeCloseTo(meteredKwh, 9)
  expect(complete.count).toBe((UNTIL_MS - FROM_MS) / QUARTER_MS)
  expect([shifts, factor]).toEqual([[], undefined])
})

test('a constant factor is found', () => {
  expect(compare({ factor: 1.05 }).factor).toBeCloseTo(1.05, 9)
  expect(compare({ factor: 2 }).factor).toBeCloseTo(2, 9)
})

test('a shift is found, also one of the summer time alone, and a factor beside it', () => {
  expect(compare({ shiftMs: () => 4 * QUARTER_MS })).toMatchObject({ shifts: [{ minutes: 60 }] })
  expect(compare({ shiftMs: () => -QUARTER_MS, factor: 0.9 })).toMatchObject({
    shifts: [{ minutes: -15 }],
    factor: expect.closeTo(0.9, 9),
  })
  const summer = (atMs: number) => (zone.offsetMs(atMs) === 7_200_000 ? -60 * MINUTE_MS : 0)
  expect(compare({ shiftMs: summer }).shifts).toEqual([{ minutes: -60, utcOffset: '+02:00' }])
})

test('minutes that are missing are counted; a day without any is not measured', () => {
  const gapMs = Date.parse('2026-10-24T12:03+02:00')
  const { days, complete } = compare({
    isMissing: (atMs) =>
      (atMs >= gapMs && atMs < gapMs + 4 * MINUTE_MS) || atMs >= Date.parse('2026-10-26T00:00+01:00'),
  })
  expect(days.map(({ missingMinutes }) => missingMinutes)).toEqual([0, 4, 0, 1440])
  expect(days[3]).not.toHaveProperty('measuredKwh')
  expect(complete.count).toBe(96 + 95 + 100)
})

test('what the file does not have is counted; the greatest differences are named', () => {
  const { farthest } = compare({ shiftMs: (atMs) => (atMs === FROM_MS + QUARTER_MS ? 32 * QUARTER_MS : 0) })
  expect(farthest[0]).toMatchObject({ fromMs: FROM_MS + QUARTER_MS, untilMs: FROM_MS + 2 * QUARTER_MS })
  const bins = createMeasuredBins({ fromMs: FROM_MS, untilMs: UNTIL_MS })
  const flows = new Map([['import' as const, new Map([FROM_MS, FROM_MS + 4 * QUARTER_MS].map((atMs) => [atMs, 1]))]])
  const meter = {
    minutes: 15,
    stamps: 'start' as const,
    ...SPAN,
    titles: { time: '', energy: '' },
    skippedRows: 0,
    flows,
  }
  expect(compareMeter(meter, bins, zone)[0]?.days[0]?.unreadMinutes).toBe(45)
})

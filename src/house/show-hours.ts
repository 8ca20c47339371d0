import { at } from '../model/at.ts'
import type { Hours, SpanQuery } from '../model/house-views.ts'
import { MINUTE_MS } from '../model/time-window.ts'
import { dayOf, formatDay } from '../model/time-zone.ts'
import { bucketsBetween, sumBuckets, sumKnown, toMeans } from './bucket-sums.ts'
import { chooseSpan, describeSpan, hourEdges, ofDays, wallHours } from './calendar.ts'
import { coverBuckets, coveredChannel, coveredColumn, coveredDevice } from './cover-days.ts'
import { type HouseBase, placeById } from './house-base.ts'

const MAX_DAYS = 366

export async function showHours(
  base: HouseBase,
  { channel, ...query }: SpanQuery & { channel?: string },
): Promise<Hours> {
  const { zone } = base
  const chosen = chooseSpan(base, query)
  const { here, soFar } = chosen
  const { mains, circuits } = base.days.plan()
  const isOfCircuits = channel === undefined && mains.length === 0
  const places = isOfCircuits ? circuits : channel === undefined ? [] : [placeById(base, channel)]
  const lastDay = Math.min(here.endDay - 1, dayOf(zone, Math.max(here.fromMs, soFar.untilMs - MINUTE_MS)))
  const firstDay = Math.max(here.firstDay, lastDay + 1 - MAX_DAYS)
  const shown = ofDays(zone, firstDay, lastDay + 1)
  const edges = hourEdges(zone, shown)
  const known = { fromMs: shown.fromMs, untilMs: Math.max(shown.fromMs, soFar.untilMs) }
  const kept = await base.days.sums(known)
  const sums = sumBuckets(kept, bucketsBetween(edges), places)
  const figures = channel === undefined && !isOfCircuits ? [sums.house.house] : sums.channels
  const watts = sumKnown(
    figures.map((figure) => toMeans(figure)),
    edges.length - 1,
  )
  const minutes = watts.map((_, hour) => Math.max(0, ...figures.map((figure) => at(figure.minutes, hour))))
  const covered = isOfCircuits
    ? base.devices.map((facts) => coveredDevice(base, facts))
    : [channel === undefined ? coveredColumn(base, 'house') : coveredChannel(base, placeById(base, channel))]
  const off = covered
    .filter((each) => each.unmeasured.length > 0)
    .map((each) => coverBuckets(kept, edges, each).map((count) => count.unmeasured))
  const unmeasured = watts.map((_, hour) => Math.max(0, ...off.map((counts) => at(counts, hour))))
  const days = Array.from({ length: lastDay - firstDay + 1 }, (_, index) => {
    const { fromMs, untilMs } = ofDays(zone, firstDay + index, firstDay + index + 1)
    const [first, end] = [edges.indexOf(fromMs), edges.indexOf(untilMs)]
    const ownEdges = edges.slice(first, end + 1)
    const hours = wallHours(zone, ownEdges)
    const ownMinutes = minutes.slice(first, end)
    const ownUnmeasured = unmeasured.slice(first, end)
    return {
      date: formatDay(firstDay + index),
      fromMs,
      watts: watts.slice(first, end),
      ...(ownMinutes.some((count, hour) => isPart(count, ownEdges, hour)) && { minutes: ownMinutes }),
      ...(ownUnmeasured.some((count) => count > 0) && { unmeasured: ownUnmeasured }),
      ...(hours && { wallHours: hours }),
    }
  })
  return { ...describeSpan(chosen), ...(isOfCircuits && { of: 'circuits' as const }), days }
}

/** Whether an hour has some of its minutes, and not all. */
function isPart(count: number, edges: readonly number[], hour: number): boolean {
  return count > 0 && count < (at(edges, hour + 1) - at(edges, hour)) / MINUTE_MS
}

import { formatDay } from '../model/time-zone.ts'
import { findPeriodFaults } from '../tariff/find-unused.ts'
import { type HolidaySettings, isPriceFile, type Period, type Tariff, type When } from '../tariff/tariff.ts'
import { holidayProblems } from './holiday-problems.ts'
import { formatKeyPath, isList, isMapping, type KeyPath, valueAt } from './key-path.ts'
import type { KeyProblem } from './schema-problems.ts'
import { showValue } from './show-value.ts'
import { billingSchema, holidaysSchema, tariffSchema } from './tariff-schema.ts'

const NO_HOLIDAYS: HolidaySettings = { add: [], remove: [] }

/** What does not go together in what is billed; what the schema refuses is left out. */
export function tariffProblems(tree: unknown): KeyProblem[] {
  const given = valueAt(tree, ['tariffs'])
  const written = isList(given) ? given : []
  const { place, add } = holidaysSchema.safeParse(valueAt(tree, ['holidays'])).data ?? NO_HOLIDAYS
  const hasHolidays = place !== undefined || add.length > 0
  const tariffs = written.flatMap((one, index) => {
    const { data } = tariffSchema.safeParse(one)
    return data ? [{ tariff: data, path: ['tariffs', index] }] : []
  })
  return [
    ...(written.length > 0 && isMapping(tree) && tree['currency'] === undefined
      ? [{ path: ['currency'], message: 'found nothing; expected the currency of the tariffs, such as USD or EUR' }]
      : []),
    ...startProblems(tree),
    ...(place ? holidayProblems(place) : []),
    ...versionProblems(tariffs),
    ...tariffs.flatMap(({ tariff, path }) => [
      ...ownProblems(tariff, path),
      ...[...pricedPeriods(tariff)].flatMap(([key, periods]) => {
        const own = periods.flatMap((period, index) => periodProblems(period, [...path, key, index]))
        const options = { path: [...path, key], hasHolidays, isComplete: key === 'import' }
        return own.length > 0 ? own : faultProblems(periods, options)
      }),
      ...tariff.demand.flatMap((demand, index) => [
        ...whenProblems(demand, [...path, 'demand', index]),
        ...neverApplies([demand], [[...path, 'demand', index]], hasHolidays),
      ]),
    ]),
  ]
}

interface Placed {
  readonly tariff: Tariff
  readonly path: KeyPath
}

function startProblems(tree: unknown): KeyProblem[] {
  const starts = billingSchema.safeParse(valueAt(tree, ['billing'])).data?.starts ?? []
  return starts.flatMap((start, index) => {
    const before = starts[index - 1]
    if (before === undefined || before < start) return []
    const message = `found ${formatDay(start)} after ${formatDay(before)}; expected the dates in order`
    return [{ path: ['billing', 'starts', index], message }]
  })
}

/** The versions of one name are told apart by when they begin. */
function versionProblems(tariffs: readonly Placed[]): KeyProblem[] {
  return tariffs.flatMap(({ tariff: { name, since }, path }, index) => {
    const others = tariffs.filter(({ tariff }, other) => other !== index && tariff.name === name)
    const [other] = others
    if (!other) return []
    const where = formatKeyPath(other.path)
    if (since === undefined) {
      const message = `found nothing, and another ${showValue(name, path)} in ${where}; expected the first day of each version`
      return [{ path: [...path, 'since'], message }]
    }
    const first = tariffs.findIndex(({ tariff }) => tariff.name === name && tariff.since === since)
    if (first === index || first < 0) return []
    const message = `found ${formatDay(since)} as in ${formatKeyPath(['tariffs', first])}; expected a later day for the next version of ${showValue(name, path)}`
    return [{ path: [...path, 'since'], message }]
  })
}

function ownProblems(tariff: Tariff, path: KeyPath): KeyProblem[] {
  const { since, until, tiers } = tariff
  return [
    ...(since !== undefined && until !== undefined && until <= since
      ? [
          {
            path: [...path, 'until'],
            message: `found ${formatDay(until)}; expected a day after since, ${formatDay(since)}`,
          },
        ]
      : []),
    ...nettingProblems(tariff, path),
    ...tiers.flatMap(({ upTo, upToPerDay }, index): KeyProblem[] => {
      const place = [...path, 'tiers', index]
      if (upTo !== undefined && upToPerDay !== undefined)
        return [{ path: place, message: 'found upTo and upToPerDay; expected one of the two' }]
      const before = tiers[index - 1]
      if (!before) return []
      if (before.upTo === undefined && before.upToPerDay === undefined)
        return [{ path: place, message: 'found a tier after one without a limit; expected that one to be the last' }]
      const isBelow = (limit: number | undefined, last: number | undefined) =>
        limit !== undefined && last !== undefined && limit <= last
      if (isBelow(upTo, before.upTo) || isBelow(upToPerDay, before.upToPerDay))
        return [{ path: place, message: LIMITS }]
      return []
    }),
  ]
}

const LIMITS =
  'found a limit that is not above the one before; expected limits that are counted from the first kWh, in order'

function nettingProblems(tariff: Tariff, path: KeyPath): KeyProblem[] {
  if (tariff.netting === 'none') return []
  const keys = ['import', 'export'] as const
  const cannot = (key: (typeof keys)[number], what: string) => [
    {
      path: [...path, key],
      message: `found ${what} beside netting: bill; expected periods with a price, or netting: none`,
    },
  ]
  return keys.flatMap((key) => {
    const prices = tariff[key]
    if (isPriceFile(prices)) return cannot(key, 'a price file')
    return prices?.some(({ tiers }) => tiers) ? cannot(key, 'tiers') : []
  })
}

function pricedPeriods(tariff: Tariff): Map<'import' | 'export', readonly Period[]> {
  const lists = new Map<'import' | 'export', readonly Period[]>()
  if (!isPriceFile(tariff.import)) lists.set('import', tariff.import)
  if (tariff.export && !isPriceFile(tariff.export)) lists.set('export', tariff.export)
  return lists
}

function periodProblems(period: Period, path: KeyPath): KeyProblem[] {
  const { price, tiers = [] } = period
  const starts = new Set(tiers.flatMap(({ each }) => each ?? []))
  const isOpen = (upTo: number | undefined) => upTo === undefined
  return [
    ...((price === undefined) === (tiers.length === 0)
      ? [
          {
            path,
            message: `found ${price === undefined ? 'neither price nor tiers' : 'price and tiers'}; expected one of the two`,
          },
        ]
      : []),
    ...(starts.size > 1
      ? [
          {
            path: [...path, 'tiers'],
            message: 'found each: day and each: bill; expected the same for all tiers of a period',
          },
        ]
      : []),
    ...tiers.flatMap(({ upTo }, index): KeyProblem[] => {
      const place = [...path, 'tiers', index]
      const isLast = index === tiers.length - 1
      if (isLast && !isOpen(upTo))
        return [
          {
            path: place,
            message: 'found a limit at the last tier; expected one more without upTo, for what is beyond',
          },
        ]
      if (!isLast && isOpen(upTo))
        return [
          { path: place, message: 'found no upTo before the last tier; expected the limit of each tier but the last' },
        ]
      const before = tiers[index - 1]?.upTo
      return upTo !== undefined && before !== undefined && upTo <= before ? [{ path: place, message: LIMITS }] : []
    }),
    ...whenProblems(period, path),
  ]
}

function whenProblems({ months, from, to, hours = [] }: When, path: KeyPath): KeyProblem[] {
  const isHalf = (from === undefined) !== (to === undefined)
  const overlap = hours.findIndex((range, index) =>
    hours
      .slice(0, index)
      .some((before) =>
        [-1440, 0, 1440].some(
          (shift) => range.fromMinute + shift < before.untilMinute && before.fromMinute < range.untilMinute + shift,
        ),
      ),
  )
  return [
    ...(isHalf
      ? [{ path, message: `found ${from === undefined ? 'to without from' : 'from without to'}; expected both` }]
      : []),
    ...(months && from !== undefined ? [{ path, message: 'found months and from; expected one of the two' }] : []),
    ...(overlap >= 0
      ? [{ path: [...path, 'hours'], message: 'found hours that overlap; expected each hour once' }]
      : []),
  ]
}

interface FaultOptions {
  readonly path: KeyPath
  readonly hasHolidays: boolean
  /** Whether every minute has to be covered. */
  readonly isComplete: boolean
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

function faultProblems(periods: readonly Period[], { path, hasHolidays, isComplete }: FaultOptions): KeyProblem[] {
  const paths = periods.map((_, index) => [...path, index])
  const { gap } = findPeriodFaults(periods, { hasHolidays })
  const unused = neverApplies(periods, paths, hasHolidays)
  if (!isComplete || !gap) return unused
  const { day, minute } = gap
  const two = (value: number) => String(value).padStart(2, '0')
  const date = `${two(Math.floor(day.monthDay / 100))}-${two(day.monthDay % 100)}`
  const which = day.isHoliday ? 'a holiday' : `a ${WEEKDAYS[day.weekday] ?? ''}`
  const message = `found no period for ${two(Math.floor(minute / 60))}:${two(minute % 60)} of ${which}, ${date}; expected that periods cover every minute: put one without days, hours and months first`
  return [{ path, message }, ...unused]
}

function neverApplies(list: readonly When[], paths: readonly KeyPath[], hasHolidays: boolean): KeyProblem[] {
  return findPeriodFaults(list, { hasHolidays }).unused.flatMap((place) => {
    const path = paths[place]
    if (!path) return []
    const why =
      list[place]?.days?.every((day) => day === 7) && !hasHolidays
        ? 'no holidays are given'
        : 'later ones in the list take all its minutes'
    return [{ path, message: `found a period that never applies, as ${why}; expected that each applies at some time` }]
  })
}

import { isPriceFile, type Period, type Tariff } from '../tariff/tariff.ts'
import { type TypicalSpan, typicalDays } from '../tariff/typical-days.ts'
import { indented } from './format-table.ts'
import type { Layout } from './format-time.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** What a kWh costs in each hour of a typical weekday, Saturday, Sunday and holiday, so that a slip is seen at once. */
export function describePrices(tariffs: readonly Tariff[], layout: Pick<Layout, 'columns'>): string[] {
  return tariffs.flatMap((tariff) =>
    (['import', 'export'] as const).flatMap((key) => {
      const prices = tariff[key]
      if (prices === undefined) return []
      const title = `${tariff.name}, ${key}`
      if (isPriceFile(prices)) return [`${title}: the prices of ${prices.file}`]
      return typicalDays(prices).flatMap(({ months, spans }) => [
        months.length === 12 ? title : `${title}, ${formatMonths(months)}`,
        ...indented(
          spans,
          {
            hours: ({ fromMinute, untilMinute }) => `${formatClock(fromMinute)}-${formatClock(untilMinute)}`,
            weekday: ofDay(0),
            Saturday: ofDay(1),
            Sunday: ofDay(2),
            holiday: ofDay(3),
          },
          layout,
        ),
      ])
    }),
  )
}

function ofDay(day: number): (span: TypicalSpan) => string {
  return ({ periods }) => formatPeriod(periods[day])
}

function formatPeriod(period: Period | undefined): string {
  if (!period) return '–'
  const { name, price, tiers } = period
  const prices = tiers ? tiers.map((tier) => tier.price).join('/') : `${price ?? ''}`
  return name === undefined ? prices : `${prices} ${name}`
}

/** `Nov-Apr`, over the turn of the year too. */
function formatMonths(months: readonly number[]): string {
  const nameOf = (month: number) => MONTHS[month - 1] ?? ''
  const starts = months.filter((month) => !months.includes(month === 1 ? 12 : month - 1))
  return starts
    .map((first) => {
      let last = first
      while (months.includes((last % 12) + 1) && (last % 12) + 1 !== first) last = (last % 12) + 1
      return last === first ? nameOf(first) : `${nameOf(first)}-${nameOf(last)}`
    })
    .join(', ')
}

function formatClock(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}

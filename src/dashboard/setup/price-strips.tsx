import type { JSX } from 'preact'
import type { TypicalPrices } from '../api/answers.ts'
import { Flag, Swatch } from '../page/glyph.tsx'
import { lineName, rateText } from '../text/money.ts'
import { texts } from '../text/texts.ts'
import { clockText, monthName } from '../text/time.ts'
import { monthRuns, pricesIn, stripsOf, type StripDay } from './strips.ts'

interface PriceStripsProps {
  /** Null where they cannot be read. */
  readonly prices: TypicalPrices | null | undefined
  readonly currency: string
}

const DAY_MINUTES = 1440
const MARKS = [0, 6, 12, 18, 24]

/** The price of each hour of a weekday, Saturday, Sunday and holiday, so that a slip is seen at once. */
export function PriceStrips({ prices, currency }: PriceStripsProps): JSX.Element | null {
  if (!prices || prices.seasons.length === 0) return null
  const known = pricesIn(prices)
  const wordsOf = (key: string) => {
    const found = known.find((each) => each.key === key)
    if (!found) return texts.setup.noPrice
    const rates = found.prices.map((price) => rateText(price, currency)).join(' / ')
    return found.name === '' ? rates : `${lineName({ kind: 'import', name: found.name })} ${rates}`
  }
  const hasGap = prices.seasons.some((season) => stripsOf(season).some(({ parts }) => parts.some((part) => !part.key)))
  return (
    <div class="price-strips">
      {prices.seasons.map((season) => (
        <table key={season.months.join()} class="strips">
          {prices.seasons.length > 1 && <caption>{monthsText(season.months)}</caption>}
          <tbody>
            {stripsOf(season).map((strip) => (
              <Strip
                key={strip.day}
                strip={strip}
                colourOf={(key) => known.find((each) => each.key === key)?.colour}
                wordsOf={wordsOf}
              />
            ))}
            <tr aria-hidden="true">
              <td />
              <td class="hours">
                {MARKS.map((hour) => (
                  <span key={hour}>{hour}</span>
                ))}
              </td>
            </tr>
          </tbody>
        </table>
      ))}
      <p class="legend">
        {known.map(({ key, colour }) => (
          <span key={key}>
            <Swatch of={colour} />
            {wordsOf(key)}
          </span>
        ))}
        {hasGap && <Flag mark="warn">{texts.setup.noPrice}</Flag>}
      </p>
    </div>
  )
}

interface StripProps {
  readonly strip: StripDay
  readonly colourOf: (key: string) => string | undefined
  readonly wordsOf: (key: string) => string
}

function Strip({ strip: { day, parts }, colourOf, wordsOf }: StripProps): JSX.Element {
  const words = parts.map(({ fromMinute, untilMinute, key }) => {
    const [from, until] = [fromMinute, untilMinute].map((minute) =>
      clockText({ hour: Math.floor(minute / 60), minute: minute % 60 }),
    )
    return `${from ?? ''}–${until ?? ''} ${wordsOf(key)}`
  })
  return (
    <tr>
      <th scope="row">{texts.setup.typicalDays[day]}</th>
      <td>
        <svg width="100%" height="14" role="img" aria-label={words.join(', ')}>
          {parts.map(({ fromMinute, untilMinute, key }) => {
            const colour = colourOf(key)
            return (
              <rect
                key={fromMinute}
                x={`${(100 * fromMinute) / DAY_MINUTES}%`}
                width={`${(100 * (untilMinute - fromMinute)) / DAY_MINUTES}%`}
                height="14"
                fill={colour === undefined ? 'none' : `var(--${colour})`}
                stroke={colour === undefined ? 'var(--warn)' : 'var(--bg)'}
              />
            )
          })}
        </svg>
      </td>
    </tr>
  )
}

/** `Nov–Apr` */
const monthsText = (months: readonly number[]): string =>
  monthRuns(months)
    .map(([first, last]) => (first === last ? monthName(first) : `${monthName(first)}–${monthName(last)}`))
    .join(', ')

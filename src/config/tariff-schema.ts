import * as z from 'zod'
import { DAY_MS } from '../model/time-window.ts'
import { DEMAND_WINDOWS, HOLIDAY, type HolidaySettings, type HourRange } from '../tariff/tariff.ts'
import {
  choice,
  filePath,
  flag,
  mapping,
  name,
  parsePointInTime,
  type Reading,
  text,
  textSetting,
} from './setting-kinds.ts'

const DATE = 'a date such as 2026-01-14'
const date = (description: string) =>
  textSetting({
    description,
    expected: DATE,
    pattern: '^\\d{4}-\\d\\d-\\d\\d$',
    read: (given): Reading<number> => {
      const ms = /^\d{4}-\d\d-\d\d$/.test(given) ? parsePointInTime(given) : undefined
      return ms === undefined ? { expected: DATE } : { value: ms / DAY_MS }
    },
  })

const number = (description: string, expected = 'a number such as 0.25') =>
  z.number({ error: expected }).meta({ description })
const kwh = (description: string) =>
  z.number({ error: 'kWh above 0' }).gt(0, { error: 'kWh above 0' }).meta({ description })

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS_EXPECTED = 'months such as Jun-Oct, or a list such as [Jan, Jul]'
const DAYS_EXPECTED = 'days such as Mon-Fri, holiday, or a list such as [Sat, Sun, holiday]'

/** One text that stands for some values, or a list of such texts. */
function oneOrMore<T>(description: string, expected: string, read: (given: string) => readonly T[] | undefined) {
  const one = textSetting({
    description,
    expected,
    read: (given): Reading<readonly T[]> => {
      const values = read(given)
      return values ? { value: values } : { expected }
    },
  })
  return z
    .union([one, z.array(one, { error: expected }).min(1, { error: expected })], { error: expected })
    .transform((given) => given.flat())
    .meta({ description })
}

/** `Fri` is one, `Fri-Mon` goes on after the last. */
function readNames(names: readonly string[], given: string): number[] | undefined {
  const [first, last, ...others] = given
    .split('-')
    .map((part) => names.findIndex((one) => one.toLowerCase() === part.trim().toLowerCase()))
  if (first === undefined || first < 0 || last === -1 || others.length > 0) return undefined
  if (last === undefined) return [first]
  const length = ((last - first + names.length) % names.length) + 1
  return Array.from({ length }, (_, index) => (first + index) % names.length)
}

const HOURS = 'hours such as 16-21, 07:30-09 or 22-06, or a list such as [07-11, 17-19]'

/** 24 is midnight; what ends before it begins goes over midnight. */
function readHours(given: string): HourRange[] | undefined {
  const parts = /^(\d{1,2})(?::([0-5]\d))?\s*-\s*(\d{1,2})(?::([0-5]\d))?$/.exec(given)
  if (!parts) return undefined
  const minuteOf = (hour: string | undefined, minute = '0') => Number(hour) * 60 + Number(minute)
  const [fromMinute, end] = [minuteOf(parts[1], parts[2]), minuteOf(parts[3], parts[4])]
  if (fromMinute >= 1440 || end > 1440 || fromMinute === end) return undefined
  return [{ fromMinute, untilMinute: end > fromMinute ? end : end + 1440 }]
}

const DAY_OF_YEAR = 'a day of the year such as 06-15'
const dayOfYear = (description: string) =>
  textSetting({
    description,
    expected: DAY_OF_YEAR,
    read: (given): Reading<number> => {
      const isDay = /^\d\d-\d\d$/.test(given) && parsePointInTime(`2024-${given}`) !== undefined
      return isDay ? { value: Number(given.replace('-', '')) } : { expected: DAY_OF_YEAR }
    },
  })

const when = {
  months: oneOrMore(
    'Months: `Jun-Oct`, `Nov-Mar` (over the turn of the year), `[Jan, Jul]`.',
    MONTHS_EXPECTED,
    (given) => readNames(MONTHS, given)?.map((month) => month + 1),
  ).optional(),
  from: dayOfYear('The first day of the year, `06-15`.').optional(),
  to: dayOfYear('The last day of the year, itself included; before `from` it is over the turn of the year.').optional(),
  days: oneOrMore(
    '`Mon-Fri`, `[Sat, Sun]`, `holiday`; a holiday is its own day where a period of the same list names `holiday`.',
    DAYS_EXPECTED,
    (given) => (given.toLowerCase() === 'holiday' ? [HOLIDAY] : readNames(DAYS, given)),
  ).optional(),
  hours: oneOrMore('`16-21`, `07:30-09`, `22-06` (over midnight), `[07-11, 17-19]`.', HOURS, readHours).optional(),
}

const placeCode = text(/^\S{1,20}$/, 'a code such as US or CA, in quotes')

const NAME = 'a name'
const lineName = name(NAME, 'What its line of a bill is called.').optional()

const priceTier = mapping({
  upTo: kwh('Up to so many kWh, counted from the first; left out: without end.').optional(),
  each: choice(['day', 'bill'], 'When the count starts anew.').optional(),
  price: number('Money per kWh.'),
})

const period = mapping({
  name: lineName,
  price: number('Money per kWh.').optional(),
  tiers: z
    .array(priceTier, { error: 'a list of tiers, each with upTo and price' })
    .min(1, { error: 'at least one tier' })
    .meta({ description: 'In place of `price`, by the kWh of the periods of this name.' })
    .optional(),
  ...when,
})

const PRICES = 'a list of periods such as [{ price: 0.31 }], or { file: prices.csv }'
const prices = (description: string) =>
  z
    .union(
      [
        z.array(period, { error: PRICES }).min(1, { error: 'at least one period' }),
        mapping(
          { file: filePath('A CSV file with rows `time,price`.') },
          'a list of periods such as [{ price: 0.31 }], or ',
        ),
      ],
      { error: PRICES },
    )
    .meta({ description })

const TAX = 'a percentage such as 8.5%'
export const tariffSchema = mapping({
  name: name(NAME, 'What it is called; the same name with a later `since` is its next version.'),
  since: date('The first day on which it is in force.').optional(),
  until: date('The day on which it is no longer in force.').optional(),
  applies: flag('Whether the house has it; else it is a plan to compare with.', true),
  import: prices('Money per kWh from the grid; of the periods that fit a minute, the last in the list applies.'),
  export: prices('The same, for what goes to the grid.').meta({ leftOut: 'nothing is paid' }).optional(),
  fixed: mapping({
    perDay: number('For each day of a bill.').optional(),
    perBill: number('For each bill.').optional(),
  })
    .meta({ description: 'What is paid whatever is used: `perDay`, `perBill`.' })
    .prefault({}),
  tiers: z
    .array(
      mapping({
        upTo: kwh('Up to so many kWh of the bill, counted from the first.').optional(),
        upToPerDay: kwh('The same, for each day of the bill.').optional(),
        add: number('Money per kWh, on top of the price.'),
      }),
      { error: 'a list of tiers, each with upTo or upToPerDay, and add' },
    )
    .meta({ description: 'On all import of a bill, on top of the prices of its periods.' })
    .prefault([]),
  demand: z
    .array(
      mapping({
        name: lineName,
        window: choice(DEMAND_WINDOWS, 'Over how long the power is averaged.'),
        pricePerKw: number('Money per kW of the highest window.'),
        basis: choice(['bill', 'day'], 'The highest of the bill, or the sum of each day’s highest.').prefault('bill'),
        ...when,
      }),
      { error: 'a list of demand charges, each with window and pricePerKw' },
    )
    .meta({ description: 'What the highest mean power of a window costs.' })
    .prefault([]),
  netting: choice(['none', 'bill'], '`bill`: what is exported offsets what is imported in the same period.').prefault(
    'none',
  ),
  tax: textSetting({
    description: 'On all but export.',
    expected: TAX,
    examples: ['8.5%'],
    read: (given): Reading<number> => {
      const [, percent] = /^(\d{1,3}(?:\.\d+)?)\s*%$/.exec(given) ?? []
      return percent === undefined ? { expected: TAX } : { value: Number(percent) / 100 }
    },
  }).optional(),
  minimum: number('The least that a bill comes to before tax, export counted.').optional(),
})

const CURRENCY = 'the code of a currency, such as USD or EUR'
const currencies = new Set(Intl.supportedValuesOf('currency'))
export const currencySchema = z
  .string({ error: CURRENCY })
  .refine((code) => currencies.has(code), { error: CURRENCY })
  .meta({ description: 'What amounts are in: a code of ISO 4217.', examples: ['USD'], leftOut: 'needed with tariffs' })
  .optional()

const BILLING_DAY = 'a day of the month, 1 to 31'
export const billingSchema = mapping({
  day: z
    .int({ error: BILLING_DAY })
    .min(1, { error: BILLING_DAY })
    .max(31, { error: BILLING_DAY })
    .meta({ description: 'A bill begins on this day of the month; 31 is the last one.' })
    .prefault(1),
  starts: z
    .array(date('A day on which the meter was read.'), { error: 'a list of dates such as [2026-01-14, 2026-02-12]' })
    .meta({
      description: 'The days on which bills began, where meters were read; after the last, `day` goes on.',
      examples: [['2026-01-14', '2026-02-12']],
    })
    .prefault([]),
}).meta({ description: 'When bills begin.' })

const HOLIDAYS = 'a list of dates such as [2026-01-01, 2026-12-25]'
const holidayDates = (description: string) => z.array(date('A holiday.'), { error: HOLIDAYS }).meta({ description })
const holidayPlace = mapping(
  {
    country: placeCode('The code of a country, as `US`.'),
    state: placeCode('Of a state of it, as `CA`.').optional(),
    region: placeCode('Of a region of that.').optional(),
    add: holidayDates('Days that are holidays too.').prefault([]),
    remove: holidayDates('Days that are none.').prefault([]),
  },
  `${HOLIDAYS}, or `,
)
export const holidaysSchema = z
  .union([holidayDates('The holidays.'), holidayPlace], { error: `${HOLIDAYS}, or { country: US, state: CA }` })
  .transform((given): HolidaySettings => {
    if (!('country' in given)) return { add: given, remove: [] }
    const { add, remove, ...place } = given
    return { place, add, remove }
  })
  .meta({
    description:
      'The days that `holiday` stands for in tariffs: dates, or the public holidays of `country` and `state`.',
    examples: [['2026-01-01', '2026-12-25'], { country: 'US', state: 'CA' }],
  })
  .prefault([])

export const tariffsSchema = z
  .array(tariffSchema, { error: 'a list of tariffs, each with name and import' })
  .meta({ description: 'What energy costs, and plans to compare with: docs/money.md.' })
  .prefault([])

import * as z from 'zod'
import { chosenSpan, date, flag, integer, integers, ms, text, window, type Read } from './values.ts'

const money = z.number()
const noCurrency = text.describe('A code of ISO 4217; left out where no tariff is configured.').exactOptional()

const period = z.object({
  name: text.exactOptional(),
  price: money.describe('Per kWh; left out of a period with tiers.').exactOptional(),
  tiers: z
    .array(
      z.object({ upTo: z.number().describe('kWh, cumulative; left out: without end.').exactOptional(), price: money }),
    )
    .exactOptional(),
})
const priceSpan = z.object({
  fromMinute: integer.describe('Of the day, as the clock shows it.'),
  untilMinute: integer,
  weekday: period.nullable().describe('Null where nothing is paid.'),
  saturday: period.nullable(),
  sunday: period.nullable(),
  holiday: period.nullable(),
})
export const typicalPrices = z
  .object({
    isFile: flag.describe('Whether prices come from a file: then there are no seasons.'),
    seasons: z.array(
      z.object({ months: integers.describe('1 to 12.'), spans: z.array(priceSpan).describe('Of 24 hours, in order.') }),
    ),
  })
  .meta({ id: 'TypicalPrices', description: 'What a kWh costs on a typical weekday, Saturday, Sunday and holiday.' })
export type TypicalPrices = Read<typeof typicalPrices>

const presentPrice = z.object({
  tariff: text,
  import: z.object({ name: text, price: money.nullable().describe('Per kWh; null where none is known.') }),
  export: z.object({ name: text, price: money.nullable() }).describe('Left out where nothing is paid.').exactOptional(),
  untilMs: ms.describe('When a price changes next; left out where none does within two days.').exactOptional(),
})

export const tariffs = z
  .object({
    currency: noCurrency,
    tariffs: z.array(
      z.object({
        name: text,
        applies: flag.describe('False: a plan to compare with.'),
        since: date.exactOptional(),
        until: date.exactOptional(),
        import: typicalPrices,
        export: typicalPrices.describe('Left out: nothing is paid.').exactOptional(),
      }),
    ),
    now: presentPrice.describe('Left out where no tariff is in force.').exactOptional(),
  })
  .meta({ id: 'Tariffs' })
export type Tariffs = Read<typeof tariffs>

export const bill = z
  .object({
    tariff: text,
    from: date,
    to: date.describe('Not of it.'),
    days: integer,
    importKwh: z.number(),
    exportKwh: z.number(),
    missingMinutes: integer,
    unpricedKwh: z.number().describe('Imported while no price is known; not priced.'),
    unpricedExportKwh: z.number(),
    lines: z.array(
      z.object({
        kind: z.enum(['import', 'export', 'tier', 'demand', 'fixed', 'minimum', 'tax']),
        name: text,
        kwh: z.number().exactOptional(),
        kw: z.number().exactOptional(),
        at: text.describe('When the highest demand began, in the time of the house.').exactOptional(),
        days: integer.exactOptional(),
        price: money.exactOptional(),
        amount: money.describe('What earns money is negative.'),
      }),
    ),
    total: money,
  })
  .meta({ id: 'Bill', description: 'Nothing of it is rounded. The same as `iotawatt-sync bill --json`.' })

export type BillView = Read<typeof bill>

export const bills = z
  .object({
    currency: noCurrency,
    bills: z.array(bill).describe('By when they begin, the oldest first.'),
    runningFrom: date.describe('Bills from this day on are running; left out where none is.').exactOptional(),
    forecast: z
      .object({
        to: date.describe('The end of the running bill.'),
        total: money,
        days: integer.describe('How many full days of the last 28 are known.'),
      })
      .describe(
        'What the running bill may come to: the days to come are like the last full days of the same weekday. Left out where fewer than seven full days are known.',
      )
      .exactOptional(),
    plans: z.array(bill).describe('With `compare`: the same days under every tariff.').exactOptional(),
  })
  .meta({ id: 'Bills' })
export type Bills = Read<typeof bills>

const costLine = z.object({
  kind: z.enum(['import', 'export', 'tier']),
  name: text,
  price: money.describe('Per kWh; left out where it changes all the time.').exactOptional(),
  kwh: z.array(z.number()),
  amounts: z.array(money).describe('What earns money is negative.'),
})
const costSums = z.object({
  import: money.describe('Lines of import and tiers.'),
  export: money.describe('What is earned, negative.'),
  fixed: money,
  total: money.describe(
    'Import, export and fixed. What is of a complete bill alone is not in it: demand, minimum, tax.',
  ),
  importKwh: z.number(),
  exportKwh: z.number(),
  unpricedKwh: z.number(),
  missingMinutes: integer,
})

export type CostSums = Read<typeof costSums>

export const costs = z
  .object({
    currency: noCurrency,
    ...chosenSpan,
    startsMs: z.array(ms).describe('The starts of the bars, as those of `/api/v1/energy`.'),
    lines: z.array(costLine).describe('By bar: one line for each kind, name and price.'),
    fixed: z.array(money).describe('By bar; what is paid per bill, on its first day.'),
    sums: costSums,
    consumers: z
      .array(
        z.object({
          id: text.describe('A circuit of the house, or `unmetered`.'),
          cost: money.describe('Its part of the lines of import and tiers, minute by minute by its power.'),
          couldEarn: money.describe('What the solar that it used would have earned as export.'),
        }),
      )
      .describe('They add up to the import cost.'),
    before: z
      .object({ ...window, sums: costSums })
      .describe('The same part of the period before; left out where nothing of it is known.')
      .exactOptional(),
  })
  .meta({ id: 'Costs' })
export type Costs = Read<typeof costs>

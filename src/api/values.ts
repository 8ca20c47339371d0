import * as z from 'zod'

/** What a schema reads, deeply readonly. */
export type Read<Schema extends z.ZodType> = Fixed<z.output<Schema>>
type Fixed<T> = T extends object ? { readonly [Key in keyof T]: Fixed<T[Key]> } : T

export const text = z.string()
export const flag = z.boolean()
export const integer = z.int()
export const integers = z.array(integer)
export const ms = z.int().meta({ id: 'ms', description: 'Unix milliseconds.' })
export const date = text.meta({ format: 'date' })
export const wattHours = z.number().nullable()
export const column = z.array(integer.nullable()).meta({ id: 'column' })
export const fineColumn = z.array(wattHours).meta({ id: 'fineColumn' })
export type Column = Read<typeof fineColumn>
export const runs = z
  .array(integer.min(0))
  .meta({ id: 'runs', description: '`[state, length, state, length, …]`', examples: [[1, 1112, 3, 47, 1, 281]] })
export type Runs = Read<typeof runs>

/** One of a few words; the message for any other word lists them. */
export function choice<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: `one of ${words.join(', ')}` })
}

export const span = choice(['day', 'month', 'year', 'all'])
export type Span = Read<typeof span>
export const compareWith = choice(['before', 'year'])
export const step = choice(['minute', '10m', '30m', '6h', 'day'])
export type Step = Read<typeof step>

export const window = { fromMs: ms, untilMs: ms }
/** The span that an answer is about, and its first local day. */
export const chosenSpan = { span, date: date.describe('The first local day of the span.'), ...window }

/** One value for each figure of the house. */
export function ofHouse<Value extends z.ZodType>(value: Value) {
  return z.object({ house: value, solar: value, used: value, fromGrid: value, toGrid: value, unmetered: value })
}

const WHAT_IS_COMPUTED =
  'Computed minute by minute from mains, solar and circuits. `used` is the solar that the house used itself; `unmetered` is known only for minutes that every device has.'

export const houseColumns = ofHouse(column).meta({ id: 'HouseColumns', description: WHAT_IS_COMPUTED })
export type HouseColumns = Read<typeof houseColumns>
export const fineHouseColumns = ofHouse(fineColumn).meta({
  id: 'FineHouseColumns',
  description: 'The columns of the house in watt-hours.',
})
export const houseNumbers = ofHouse(integer.nullable()).meta({ id: 'HouseNumbers' })
export const houseWattHours = ofHouse(wattHours).meta({ id: 'HouseWattHours' })
export type HouseNumbers = Read<typeof houseWattHours>

export const problem = z
  .object({
    error: text.describe('What was asked, what came back, and what to do next.'),
    hint: text.describe('What to do next.').exactOptional(),
  })
  .meta({
    id: 'Problem',
    examples: [{ error: 'until: found "yesterday"; expected an instant such as 2026-03-27T13:40-04:00' }],
  })

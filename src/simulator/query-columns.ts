import { type CardConfig, type CardOutput, NO_NAME } from '../card/card-config.ts'
import { type Formula, parseFormula } from '../card/formula.ts'
import type { MeasureUnit } from '../card/measure.ts'
import { type Firmware, QueryError } from './firmware.ts'

/** `nothing`: an element without a name, over which the firmware stumbles. */
export type QueryColumn =
  | { readonly kind: 'time'; readonly local: boolean; readonly unix: boolean }
  | {
      readonly kind: 'series'
      readonly label: string
      readonly formula: Formula
      readonly unit: MeasureUnit
      readonly decimals: number
    }
  | { readonly kind: 'nothing' }

type SeriesColumn = Extract<QueryColumn, { kind: 'series' }>

/** The unit methods and the decimals that each resets. */
const UNIT_METHODS: ReadonlyMap<string, { readonly unit: MeasureUnit; readonly decimals: number }> = new Map([
  ['volts', { unit: 'volts', decimals: 1 }],
  ['watts', { unit: 'watts', decimals: 1 }],
  ['wh', { unit: 'wh', decimals: 0 }],
  ['amps', { unit: 'amps', decimals: 1 }],
  ['va', { unit: 'va', decimals: 1 }],
  ['hz', { unit: 'hz', decimals: 2 }],
  ['pf', { unit: 'pf', decimals: 1 }],
  ['var', { unit: 'var', decimals: 1 }],
  ['varh', { unit: 'varh', decimals: 0 }],
])

/** The firmware's table is out of step with its units. */
const OUTPUT_DECIMALS: ReadonlyMap<string, number> = new Map([
  ['Amps', 3],
  ['VA', 2],
  ['VAh', 2],
  ['Hz', 4],
  ['Wh', 7],
  ['kWh', 3],
  ['PF', 2],
  ['VAR', 4],
  ['VARh', 0],
])

export interface ColumnContext {
  readonly config: CardConfig
  readonly firmware: Firmware
}

/** Reads `[time.utc.unix,Mains_1.watts.d2]`. */
export function parseColumns(select: string, context: ColumnContext): readonly QueryColumn[] {
  if (!select.startsWith('[') || !select.endsWith(']') || select.length < 2)
    throw new QueryError('select not an array []')
  const list = select.slice(1, -1)
  const elements = list === '' ? [] : list.split(',')
  // A last comma adds nothing: the parser stops when no text is left.
  if (elements.at(-1) === '') elements.pop()
  return elements.map((element) => parseColumn(element, context))
}

function parseColumn(element: string, { config, firmware }: ColumnContext): QueryColumn {
  const point = element.indexOf('.')
  // C compares names as far as the first NUL.
  const [name = ''] = (point === -1 ? element : element.slice(0, point)).split('\0', 1)
  const methods =
    point === -1
      ? []
      : element
          .slice(point + 1)
          .toLowerCase()
          .split('.')
  if (name === '') return { kind: 'nothing' }
  const used = methods.filter((method) => method !== '')
  return name.toLowerCase() === 'time' ? timeColumn(used) : seriesColumn(findSeries(name, config), used, firmware)
}

function timeColumn(methods: readonly string[]): QueryColumn {
  let local = true
  let unix = false
  for (const method of methods) {
    if (method === 'local') local = true
    else if (method === 'utc') local = false
    else if (method === 'iso') unix = false
    else if (method === 'unix') unix = true
    else throw new QueryError(`invalid time method: ${method}`)
  }
  return { kind: 'time', local, unix }
}

function findSeries(name: string, config: CardConfig): SeriesColumn {
  if (name === NO_NAME) throw new QueryError(`Invalid series: ${name}`)
  const input = config.inputs.find((candidate) => candidate.name === name)
  if (input !== undefined) {
    const formula = parseFormula(`@${input.channel}`)
    return { kind: 'series', label: name, formula, unit: input.type === 'VT' ? 'volts' : 'watts', decimals: 1 }
  }
  const output = config.outputs.find((candidate) => candidate.name === name)
  if (output === undefined) throw new QueryError(`Invalid series: ${name}`)
  const decimals = OUTPUT_DECIMALS.get(output.units) ?? 1
  return { kind: 'series', label: name, formula: parseFormula(output.script), unit: outputUnit(output), decimals }
}

/** Units but these two are never set by the firmware; what it then computes was seen to be this. */
function outputUnit({ units }: CardOutput): MeasureUnit {
  if (units === 'Watts') return 'watts'
  return units === 'Amps' ? 'none' : 'volts'
}

function seriesColumn(series: SeriesColumn, methods: readonly string[], { hasReactivePower }: Firmware): QueryColumn {
  let { unit, decimals } = series
  for (const method of methods) {
    const known = hasReactivePower || !method.startsWith('var') ? UNIT_METHODS.get(method) : undefined
    if (known !== undefined) ({ unit, decimals } = known)
    else if (!method.startsWith('d')) throw new QueryError(`Invalid series method: ${method}`)
    else if (!/^d\d$/.test(method)) throw new QueryError()
    else decimals = Number(method.slice(1))
  }
  return { ...series, unit, decimals }
}

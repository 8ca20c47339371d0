import { type CardConfig, inputScript, listedInputs } from '../card/card-config.ts'
import { toFixedEven } from '../card/format-number.ts'
import { parseFormula } from '../card/formula.ts'
import { emptyRecord } from '../card/log-record.ts'
import { measure, type RecordSpan, voltageReferences } from '../card/measure.ts'
import { type DeviceLogs, readLogs } from '../card/open-card.ts'

const MOST_STEPS = 2000
const STEP_S = 5

/** The JSON of `/feed/list.json`. */
export function answerFeedList(config: CardConfig): string {
  const feed = (prefix: string, tag: string, name: string) => ({ id: `${prefix}${name}`, tag, name })
  const inputs = listedInputs(config).flatMap(({ name, unit }) =>
    unit === 'Volts' ? [feed('IV', 'Voltage', name)] : [feed('IP', 'Power', name), feed('IE', 'Energy', name)],
  )
  const outputs = config.outputs.flatMap(({ name, units }) => {
    if (name.includes(' ')) return []
    if (units === 'Watts') return [feed('OP', 'Power', name), feed('OE', 'Energy', name)]
    return units === 'Volts' ? [feed('OV', 'Voltage', name)] : [feed('OO', 'Outputs', name)]
  })
  return JSON.stringify([...inputs, ...outputs])
}

/** The rows of `/feed/data.json`, each for the interval that ends there; undefined: the request is invalid. */
export function answerFeedData(
  values: ReadonlyMap<string, string>,
  { config, logs }: { config: CardConfig; logs: DeviceLogs },
): string | undefined {
  const startS = Number.parseInt((values.get('start') ?? '').slice(0, 10), 10)
  const endS = Number.parseInt((values.get('end') ?? '').slice(0, 10), 10)
  const stepS = Number.parseInt(values.get('interval') ?? '', 10)
  if (!(stepS > 0) || !(endS >= startS) || (endS - startS) / stepS > MOST_STEPS) return undefined
  if ([startS, endS, stepS].some((timeS) => timeS % STEP_S !== 0)) return undefined

  const ids = (values.get('id') ?? '').replace(/^\[|\]$/g, '').split(',')
  const print = feedPrinter(config)
  const rows: string[] = []
  let from = readLogs(logs, startS - stepS)
  for (let timeS = startS; timeS <= endS; timeS += stepS) {
    const until = readLogs(logs, timeS)
    const span = { from, until }
    rows.push(`[${ids.map((id) => (until.logHours === from.logHours ? 'null' : print(id, span))).join(',')}]`)
    from = until
  }
  return `[${rows.join(',')}]`
}

function feedPrinter(config: CardConfig): (id: string, span: RecordSpan) => string {
  const references = voltageReferences(config)
  return (id, span) => {
    const script = findScript(config, id)
    if (script === undefined) return 'null'
    const formula = parseFormula(script)
    if (id[1] === 'V' || id[1] === 'P') return toFixedEven(measure(formula, span, { unit: 'watts', references }), 1)
    if (id[1] !== 'E') return 'null'
    const sinceBegin = { from: emptyRecord(0), until: span.until }
    return toFixedEven(measure(formula, sinceBegin, { unit: 'kwh', references }), 3)
  }
}

function findScript(config: CardConfig, id: string): string | undefined {
  const name = id.slice(2)
  return id.startsWith('O') ? config.outputs.find((output) => output.name === name)?.script : inputScript(config, name)
}

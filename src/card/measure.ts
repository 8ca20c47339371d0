import type { CardConfig } from './card-config.ts'
import { channelsOf, evaluateFormula, type Formula } from './formula.ts'
import type { LogRecord } from './log-record.ts'

/** The units that the device computes, under the names of its query language (`none`: it computes nothing). */
export type MeasureUnit =
  'watts' | 'volts' | 'wh' | 'kwh' | 'amps' | 'va' | 'vah' | 'hz' | 'pf' | 'var' | 'varh' | 'none'

/** Which voltage a channel was measured against. */
export interface VoltageReference {
  readonly channel: number
  /** 2 for a circuit between two phases that was measured at one; single precision, as in the device. */
  readonly factor: number
}

/** What the device takes for an input that is not configured. */
const NO_REFERENCE: VoltageReference = { channel: 0, factor: 0 }

/** From one record to a later one. */
export interface RecordSpan {
  readonly from: LogRecord
  readonly until: LogRecord
}

export interface MeasureOptions {
  readonly unit: MeasureUnit
  /** Of each channel, by its number. */
  readonly references: readonly (VoltageReference | undefined)[]
}

/** Reads one channel over a span. */
type ReadChannel = (span: RecordSpan, channel: number) => number

/** The value of a formula over a span, averaged over the hours for which the device logged; NaN becomes 0. */
export function measure(formula: Formula, span: RecordSpan, options: MeasureOptions): number {
  return compileMeasure(formula, options)(span)
}

/** The channels whose sums it takes, with those of their voltages. */
export function channelsRead(formula: Formula, references: MeasureOptions['references']): readonly number[] {
  const channels = channelsOf(formula)
  return [...new Set([...channels, ...channels.map((channel) => (references[channel] ?? NO_REFERENCE).channel)])]
}

/** The same, prepared once for many spans. */
export function compileMeasure(formula: Formula, options: MeasureOptions): (span: RecordSpan) => number {
  const [only] = formula.steps
  // Nearly all that is ever asked for is the power of one input: years of it are to be read in seconds.
  if (options.unit === 'watts' && formula.steps.length === 1 && only?.kind === 'channel')
    return inputWatts(only.channel)
  const measured = measuredBy(formula, options)
  return (span) => zeroIfNaN(measured(span))
}

function inputWatts(channel: number): (span: RecordSpan) => number {
  return ({ from, until }) => {
    const hours = until.logHours - from.logHours
    return zeroIfNaN(((until.sum1[channel] ?? 0) - (from.sum1[channel] ?? 0)) / hours) + 0
  }
}

function measuredBy(formula: Formula, { unit, references }: MeasureOptions): (span: RecordSpan) => number {
  const reference = (channel: number) => references[channel] ?? NO_REFERENCE
  const volts: ReadChannel = (span, channel) => {
    const { channel: measured, factor } = reference(channel)
    return (wattHours(span, measured) * factor) / hoursOf(span)
  }
  const amps: ReadChannel = (span, channel) =>
    volts(span, channel) === 0 ? 0 : va(span, channel) / volts(span, channel)
  const hz: ReadChannel = (span, channel) => va(span, reference(channel).channel)
  const run = (read: ReadChannel) => runFormula(formula, read)
  const runAgain = (read: ReadChannel) => (formula.isCut ? () => 0 : runFormula(formula, read))

  switch (unit) {
    case 'watts':
      return run(watts)
    case 'volts':
      return run(volts)
    case 'wh':
      return run(wattHours)
    case 'kwh': {
      const energy = run(wattHours)
      return (span) => energy(span) / 1000
    }
    case 'amps':
      return run(amps)
    case 'va':
      return both(run(reactive), runAgain(watts), apparent)
    case 'vah':
      return both(run(reactiveHours), runAgain(wattHours), apparent)
    case 'hz':
      return run(hz)
    case 'pf':
      return both(run(watts), runAgain(va), (real, all) => real / all)
    case 'var':
      return run(reactive)
    case 'varh':
      return run(reactiveHours)
    case 'none':
      return () => 0
  }
}

function runFormula(formula: Formula, read: ReadChannel): (span: RecordSpan) => number {
  const [only] = formula.steps
  // Most formulas are one input: then there is nothing to work through. Adding 0 turns -0 into 0.
  if (formula.steps.length === 1 && only?.kind === 'channel') return (span) => 0 + zeroIfNaN(read(span, only.channel))
  return (span) => evaluateFormula(formula, (channel) => read(span, channel))
}

function both(
  first: (span: RecordSpan) => number,
  second: (span: RecordSpan) => number,
  join: (first: number, second: number) => number,
): (span: RecordSpan) => number {
  return (span) => join(first(span), second(span))
}

const wattHours: ReadChannel = ({ from, until }, channel) => (until.sum1[channel] ?? 0) - (from.sum1[channel] ?? 0)

const voltAmpereHours: ReadChannel = ({ from, until }, channel) =>
  (until.sum2[channel] ?? 0) - (from.sum2[channel] ?? 0)

const watts: ReadChannel = (span, channel) => wattHours(span, channel) / hoursOf(span)

const va: ReadChannel = (span, channel) => voltAmpereHours(span, channel) / hoursOf(span)

const reactive: ReadChannel = (span, channel) => Math.sqrt(va(span, channel) ** 2 - watts(span, channel) ** 2)

const reactiveHours: ReadChannel = (span, channel) =>
  Math.sqrt(voltAmpereHours(span, channel) ** 2 - wattHours(span, channel) ** 2)

function hoursOf({ from, until }: RecordSpan): number {
  return until.logHours - from.logHours
}

function apparent(imaginary: number, real: number): number {
  return Math.sqrt(real * real + imaginary * imaginary)
}

function zeroIfNaN(value: number): number {
  return Number.isNaN(value) ? 0 : value
}

/** Which voltage each channel is measured against, by the channel's number. */
export function voltageReferences(config: CardConfig): readonly (VoltageReference | undefined)[] {
  const references: (VoltageReference | undefined)[] = []
  for (const { channel, voltageChannel, voltageFactor } of config.inputs)
    references[channel] = { channel: voltageChannel, factor: voltageFactor }
  return references
}

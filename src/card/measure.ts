import { evaluateFormula, type Formula } from './formula.ts'
import type { LogRecord } from './log-record.ts'

/** The units that the device computes, under the names of its query language (`none`: it computes nothing). */
export type MeasureUnit =
  'watts' | 'volts' | 'wh' | 'kwh' | 'amps' | 'va' | 'vah' | 'hz' | 'pf' | 'var' | 'varh' | 'none'

/** Which voltage a channel was measured against. */
export interface VoltageReference {
  readonly channel: number
  /** 2 for a circuit between two phases that was measured at one. */
  readonly factor: number
}

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

/** The value of a formula over a span, averaged over the hours for which the device logged; NaN becomes 0. */
export function measure(formula: Formula, span: RecordSpan, { unit, references }: MeasureOptions): number {
  const hours = span.until.logHours - span.from.logHours
  const sum1 = (channel: number) => (span.until.sum1[channel] ?? 0) - (span.from.sum1[channel] ?? 0)
  const sum2 = (channel: number) => (span.until.sum2[channel] ?? 0) - (span.from.sum2[channel] ?? 0)
  const watts = (channel: number) => sum1(channel) / hours
  const va = (channel: number) => sum2(channel) / hours
  const referenceOf = (channel: number) => references[channel] ?? { channel, factor: 1 }
  const volts = (channel: number) => watts(referenceOf(channel).channel) * referenceOf(channel).factor
  const hz = (channel: number) => va(referenceOf(channel).channel)
  const amps = (channel: number) => (volts(channel) === 0 ? 0 : va(channel) / volts(channel))
  const reactive = (channel: number) => Math.sqrt(va(channel) ** 2 - watts(channel) ** 2)
  const reactiveHours = (channel: number) => Math.sqrt(sum2(channel) ** 2 - sum1(channel) ** 2)
  const run = (read: (channel: number) => number) => evaluateFormula(formula, read)

  switch (unit) {
    case 'watts':
      return zeroIfNaN(run(watts))
    case 'volts':
      return zeroIfNaN(run(volts))
    case 'wh':
      return zeroIfNaN(run(sum1))
    case 'kwh':
      return zeroIfNaN(run((channel) => sum1(channel) / 1000))
    case 'amps':
      return zeroIfNaN(run(amps))
    case 'va':
      return zeroIfNaN(apparent(run(watts), run(reactive)))
    case 'vah':
      return zeroIfNaN(apparent(run(sum1), run(reactiveHours)))
    case 'hz':
      return zeroIfNaN(run(hz))
    case 'pf':
      return zeroIfNaN(run(watts) / run(va))
    case 'var':
      return zeroIfNaN(run(reactive))
    case 'varh':
      return zeroIfNaN(run(reactiveHours))
    case 'none':
      return 0
  }
}

function apparent(watts: number, reactive: number): number {
  return Math.sqrt(watts * watts + reactive * reactive)
}

function zeroIfNaN(value: number): number {
  return Number.isNaN(value) ? 0 : value
}

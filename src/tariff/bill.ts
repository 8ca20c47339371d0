import type { TimeWindow } from '../model/time-window.ts'

export interface BillLine {
  readonly kind: 'import' | 'export' | 'tier' | 'demand' | 'fixed' | 'minimum' | 'tax'
  readonly name: string
  readonly kwh?: number
  readonly kw?: number
  /** When the highest demand began, in the time of the house. */
  readonly at?: string
  readonly days?: number
  readonly price?: number
  /** What earns money is negative. */
  readonly amount: number
}

/** Nothing of it is rounded. */
export interface Bill {
  readonly tariff: string
  /** Numbers of days of the house; the second is not of it. */
  readonly fromDay: number
  readonly toDay: number
  readonly importKwh: number
  readonly exportKwh: number
  /** Spans of missing minutes, in order. */
  readonly missing: readonly TimeWindow[]
  readonly missingMinutes: number
  /** Energy whose price is not known; it is not priced. */
  readonly unpricedKwh: number
  readonly unpricedExportKwh: number
  readonly lines: readonly BillLine[]
  readonly total: number
  /** What each circuit bears of the lines of import and tiers, in their order; empty where none was given. */
  readonly circuitCosts: readonly number[]
}

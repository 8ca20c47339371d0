/** From a minute of the day until another; beyond 1440 where they go over midnight. */
export interface HourRange {
  readonly fromMinute: number
  readonly untilMinute: number
}

/** Days of the week as `Date` counts them, Sunday first. */
export const HOLIDAY = 7

/** When something applies; what is left out does not restrict it. */
export interface When {
  /** 1 to 12. */
  readonly months?: readonly number[] | undefined
  /** Days of the year, both included, as month × 100 + day; over the turn of the year where `to` is before `from`. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** Days of the week, and `HOLIDAY`. */
  readonly days?: readonly number[] | undefined
  readonly hours?: readonly HourRange[] | undefined
}

export interface PriceTier {
  /** In kWh, cumulative; left out: without end. */
  readonly upTo?: number | undefined
  readonly each?: 'day' | 'bill' | undefined
  readonly price: number
}

/** One of `price` and `tiers`. */
export interface Period extends When {
  readonly name?: string | undefined
  /** Money per kWh. */
  readonly price?: number | undefined
  readonly tiers?: readonly PriceTier[] | undefined
}

/** Periods of which the last that fits a minute applies, or a file with prices. */
export type Prices = readonly Period[] | { readonly file: string }

export interface BillTier {
  readonly upTo?: number | undefined
  /** kWh × the days of the bill. */
  readonly upToPerDay?: number | undefined
  readonly add: number
}

export const DEMAND_WINDOWS = ['15m', '30m', '60m'] as const

export interface Demand extends When {
  readonly name?: string | undefined
  /** Over how long power is averaged. */
  readonly window: (typeof DEMAND_WINDOWS)[number]
  readonly pricePerKw: number
  /** `day`: the sum of each day's highest. */
  readonly basis: 'bill' | 'day'
}

export interface Tariff {
  readonly name: string
  /** Numbers of days of the house; `until` is not of it. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** Whether it is one that the house has; else it is a plan to compare with. */
  readonly applies: boolean
  readonly import: Prices
  readonly export?: Prices | undefined
  readonly fixed: { readonly perDay?: number | undefined; readonly perBill?: number | undefined }
  readonly tiers: readonly BillTier[]
  readonly demand: readonly Demand[]
  readonly netting: 'none' | 'bill'
  /** 0.085 is 8.5 %. */
  readonly tax?: number | undefined
  readonly minimum?: number | undefined
}

export interface Billing {
  /** A bill begins on this day of the month; 31 is the last one. */
  readonly day: number
  /** Days of meter readings, in order. */
  readonly starts: readonly number[]
}

/** Codes of ISO 3166-1 and -2, and what the library calls a region. */
export interface HolidayPlace {
  readonly country: string
  readonly state?: string | undefined
  readonly region?: string | undefined
}

/** Days that are holidays beside those of a place, and days that are none; numbers of days of the house. */
export interface HolidaySettings {
  readonly place?: HolidayPlace | undefined
  readonly add: readonly number[]
  readonly remove: readonly number[]
}

export interface Holiday {
  readonly day: number
  /** In English; empty for one that the configuration adds. */
  readonly name: string
}

export function isPriceFile(prices: Prices | undefined): prices is { readonly file: string } {
  return prices !== undefined && 'file' in prices
}

import type { HouseSettings } from './house-settings.ts'
import type { TimeZone } from './time-zone.ts'
import type { TimeWindow } from './time-window.ts'

/** One value per point; null where nothing is known. */
export type Values = readonly (number | null)[]

export const HOUSE_COLUMNS = ['house', 'solar', 'used', 'fromGrid', 'toGrid', 'unmetered'] as const
export type HouseColumn = (typeof HOUSE_COLUMNS)[number]
export type HouseValues = Readonly<Record<HouseColumn, Values>>
export type HouseNumbers = Readonly<Record<HouseColumn, number | null>>

export interface HouseChannel {
  /** The location, or `device/location` where two devices have one of that name. */
  readonly id: string
  readonly device: string
  readonly location: string
  readonly role: 'mains' | 'solar' | 'circuit'
  /** Of a circuit. */
  readonly group?: string
  readonly labels: Readonly<Record<string, string>>
}

export interface HouseView extends Pick<HouseSettings, 'timezone' | 'wiring' | 'isConfigured'> {
  readonly hasMains: boolean
  readonly hasSolar: boolean
  /** Solar channels that were only below zero of late, as a sensor that is put on the wrong way round is. */
  readonly reversedSolar?: readonly string[]
  readonly channels: readonly HouseChannel[]
  readonly groups: readonly { readonly name: string; readonly channels: readonly string[] }[]
  readonly labelNames: readonly string[]
}

/** `[state, length, state, length, …]`, of `CoverState`. */
export type Runs = readonly number[]

/** What there is of a minute, or of the worst minute of a day. */
export const CoverState = { unmeasured: 0, stored: 1, legacy: 2, missing: 3, notLoaded: 4, unwanted: 5 } as const
export type CoverState = (typeof CoverState)[keyof typeof CoverState]

export interface TimelineView extends TimeWindow {
  readonly lanes: readonly {
    readonly device: string
    readonly runs: Runs
    readonly missingMinutes: number
    readonly missingFromMs?: number
  }[]
}

export interface NowView {
  readonly atMs?: number
  readonly watts: HouseNumbers
  readonly channels: Readonly<Record<string, number | null>>
  readonly hour: {
    readonly fromMs: number
    readonly stepMs: number
    readonly channels: Readonly<Record<string, Values>>
    readonly unmetered: Values
  }
  readonly today: TimeWindow & {
    readonly dayUntilMs: number
    readonly stepMs: number
    readonly house: Values
    readonly solar: Values
    /** All circuits together; of a house without mains. */
    readonly circuits?: Values
    readonly circuitsWattHours?: number | null
    readonly wattHours: HouseNumbers
    readonly missingMinutes: number
  }
}

export const STEPS = ['minute', '10m', '30m', '6h', 'day'] as const
export type Step = (typeof STEPS)[number]

export interface PowerQuery {
  readonly window: TimeWindow
  /** Left out: by the length of the window. */
  readonly step?: Step
  /** Ids, cut at every comma, also at those that an id holds; left out: all. */
  readonly channels?: readonly string[]
}

export interface PowerView extends TimeWindow {
  readonly step: Step
  readonly stepMs?: number
  readonly startsMs?: readonly number[]
  readonly house: HouseValues
  readonly bands?: Readonly<Record<'houseMin' | 'houseMax' | 'solarMin' | 'solarMax', Values>>
  readonly channels: Readonly<Record<string, Values>>
  readonly missing?: Readonly<Record<string, readonly number[]>>
}

export const SPANS = ['day', 'month', 'year', 'all'] as const
export type Span = (typeof SPANS)[number]

export interface SpanQuery {
  readonly span: Span
  /** A local day in it, as a number of days since 1970; left out: today. */
  readonly day?: number
}

export interface SpanView extends TimeWindow {
  readonly span: Span
  readonly date: string
}

export interface EnergySums {
  readonly wattHours: HouseNumbers
  /** Of all circuits together. */
  readonly circuits: number | null
  readonly missingMinutes: number
  /** Minutes that are missing in the sum of a column. */
  readonly lackingMinutes: Readonly<Record<HouseColumn, number>>
  /** Minutes that it does not have since a device was off; left out where it was not. */
  readonly unmeasuredMinutes?: Readonly<Record<HouseColumn, number>>
  /** Where it begins later than the span. */
  readonly knownFromMs?: number
  readonly isWhole: boolean
  readonly wholeFromMs?: number
}

/** Watt-hours of the same in two spans: of all of them, or of so many hours or days that both have. */
export interface Compared {
  readonly wattHours: number
  readonly beforeWattHours: number
  readonly hours?: number
  readonly days?: number
}

export interface EnergyView extends SpanView {
  readonly isSoFar: boolean
  readonly soFarUntilMs?: number
  readonly startsMs: readonly number[]
  readonly house: HouseValues
  /** All circuits together. */
  readonly circuits: Values
  readonly missing?: readonly number[]
  /** Minutes of each bar in which a device was off that the house is made of. */
  readonly unmeasured?: readonly number[]
  readonly sums: EnergySums
  readonly before?: TimeWindow & {
    readonly house: Values
    readonly circuits: Values
    /** Minutes that each bar of the house does not have. */
    readonly lacking?: readonly number[]
    readonly sums: EnergySums
    readonly compared: Readonly<Record<HouseColumn | 'circuits', Compared | null>>
  }
}

/** Watt-hours of every channel by bar, for a table. */
export interface EnergyTable extends EnergyView {
  readonly channels: Readonly<Record<string, Values>>
}

export interface ConsumersView extends SpanView {
  readonly houseWattHours: number | null
  readonly consumers: readonly {
    readonly id: string
    readonly wattHours: number | null
    readonly beforeWattHours?: number | null
    /** Left out where there is no span before. */
    readonly compared?: Compared | null
    readonly hours: Values
    readonly missingMinutes?: number
    /** In which its device was off. */
    readonly unmeasuredMinutes?: number
  }[]
  readonly note?: string
}

export interface HoursView extends SpanView {
  /** Where it is not the house: it has no mains. */
  readonly of?: 'circuits'
  readonly days: readonly {
    readonly date: string
    readonly fromMs: number
    readonly watts: Values
    /** How many minutes each is the mean of; left out where all are complete. */
    readonly minutes?: readonly number[]
    readonly wallHours?: readonly number[]
  }[]
}

export interface GapView extends TimeWindow {
  readonly device: string
  readonly minutes: number
  readonly channels: readonly string[]
}

export interface CoverageView {
  readonly wantedMinutes: number
  readonly storedMinutes: number
  readonly missingMinutes: number
  readonly notLoadedMinutes: number
  readonly devices: readonly {
    readonly name: string
    readonly firstDate: string
    readonly days: Runs
    readonly missing: readonly number[]
    readonly unmeasured: readonly number[]
  }[]
  readonly holes: readonly GapView[]
  readonly holesLeftOut: number
}

export interface ChannelCoverageView {
  readonly device: string
  readonly dates: readonly string[]
  readonly channels: readonly {
    readonly id: string
    readonly days: Runs
    readonly missing: readonly number[]
    readonly unmeasured: readonly number[]
  }[]
}

export interface DayCoverageView extends TimeWindow {
  readonly device: string
  readonly channel?: string
  readonly date: string
  readonly runs: Runs
  readonly wallHours?: readonly number[]
}

export interface SumsState {
  readonly state: 'building' | 'ready' | 'failing'
  readonly doneDays: number
  readonly totalDays: number
  readonly failure?: { readonly message: string; readonly sinceMs: number }
}

/** Samples and aggregates to look at. Every method throws `StoreError`, `HouseError`, or the reason of an aborted signal. */
export interface House {
  readonly zone: TimeZone
  house(signal: AbortSignal): Promise<HouseView>
  /** How many channels in watts are known at this moment. */
  channelCount(): number
  sums(): SumsState
  tape(minutes: number, signal: AbortSignal): Promise<TimelineView>
  now(signal: AbortSignal): Promise<NowView>
  power(query: PowerQuery, signal: AbortSignal): Promise<PowerView>
  energy(query: SpanQuery, signal: AbortSignal): Promise<EnergyView>
  energyTable(query: SpanQuery, signal: AbortSignal): Promise<EnergyTable>
  consumers(query: SpanQuery, signal: AbortSignal): Promise<ConsumersView>
  /** Of a channel; left out: of the house. */
  hours(query: SpanQuery & { readonly channel?: string }, signal: AbortSignal): Promise<HoursView>
  coverage(signal: AbortSignal): Promise<CoverageView>
  channelCoverage(
    query: { readonly device: string; readonly lastDay?: number; readonly dayCount: number },
    signal: AbortSignal,
  ): Promise<ChannelCoverageView>
  dayCoverage(
    query: { readonly device: string; readonly day?: number; readonly channel?: string },
    signal: AbortSignal,
  ): Promise<DayCoverageView>
}

/** Something was asked for that there is not, that makes no sense, or that cannot be answered yet. */
export class HouseError extends Error {
  readonly reason: 'unknown' | 'invalid' | 'early'

  constructor(reason: HouseError['reason'], message: string) {
    super(message)
    this.name = 'HouseError'
    this.reason = reason
  }
}

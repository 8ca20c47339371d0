import type { ChannelCoverage, Coverage, DayCoverage, Gap } from '../api/coverage.ts'
import type { RollupState } from '../api/daemon.ts'
import type { Compared, Consumers, Energy, EnergySums, Hours } from '../api/energy.ts'
import type { House as HouseDescription, HouseChannel, Live, Now, Power, Timeline } from '../api/house.ts'
import type { Bills, Costs, Tariffs } from '../api/money.ts'
import type { BillsQuery, ChannelDaysQuery, DayQuery, HoursQuery, PowerQuery, SpanQuery } from '../api/requests.ts'
import type { Column, HouseColumns, HouseNumbers, Runs, Span, Step } from '../api/values.ts'
import type { LiveReadings } from './daemon.ts'
import type { TimeZone } from './time-zone.ts'

/** The views are what the HTTP API answers. */
export type {
  Bills,
  BillsQuery,
  ChannelCoverage,
  Compared,
  Consumers,
  Costs,
  Coverage,
  DayCoverage,
  Energy,
  EnergySums,
  Gap,
  Hours,
  HouseChannel,
  HouseNumbers,
  Live,
  Now,
  Power,
  PowerQuery,
  RollupState,
  Runs,
  Span,
  SpanQuery,
  Step,
  Tariffs,
  Timeline,
}
export type HouseView = HouseDescription

/** One value per point; null where nothing is known. */
export type Values = Column
export type HouseColumn = keyof HouseColumns
export const HOUSE_COLUMNS = [
  'house',
  'solar',
  'used',
  'fromGrid',
  'toGrid',
  'unmetered',
] as const satisfies readonly HouseColumn[]

/** What there is of a minute, or of the worst minute of a day. */
export const CoverState = { unmeasured: 0, stored: 1, legacy: 2, missing: 3, notLoaded: 4, unwanted: 5 } as const
export type CoverState = (typeof CoverState)[keyof typeof CoverState]

/** Watt-hours of every channel by bar, for a table. */
export interface EnergyTable extends Energy {
  readonly channels: Readonly<Record<string, Values>>
}

/** Which channels: those that have all of these labels, or those of these locations. */
export type ChannelSelector = Readonly<Record<string, string>> | readonly string[]

/** Whether solar joins ahead of the mains sensors, which then see the load, or behind them: then they see the grid. */
export const WIRINGS = ['ahead', 'behind'] as const
export type Wiring = (typeof WIRINGS)[number]

/** The hues of the page, measured for contrast, in light and dark, and for eyes that tell fewer of them apart. */
export const HOUSE_COLOURS = ['orange', 'violet', 'green', 'blue', 'plum', 'brown', 'grey'] as const
export type HouseColour = (typeof HOUSE_COLOURS)[number]

/** The group of circuits that are of no other. */
export const OTHER_GROUP = 'Other'

/** What the configuration says of the house. */
export interface HouseSettings {
  /** Days and hours are those of this zone, e.g. `America/New_York`. */
  readonly timezone: string
  readonly wiring: Wiring
  readonly mains: ChannelSelector
  readonly solar: ChannelSelector
  /** A circuit is of the first that fits. */
  readonly groups: readonly { readonly name: string; readonly select: ChannelSelector }[]
  /** What channels are called where they are shown, by location. */
  readonly names: Readonly<Record<string, string>>
  /** By location, or by the name of a group. */
  readonly colours: Readonly<Record<string, HouseColour>>
  /** Whether the configuration has a house; else this is what the original labels tell. */
  readonly isConfigured: boolean
}

/** Samples and aggregates to look at. Every method throws `StoreError`, `HouseError`, or the reason of an aborted signal. */
export interface House {
  readonly zone: TimeZone
  house(signal: AbortSignal): Promise<HouseView>
  /** How many channels in watts are known at this moment. */
  channelCount(): number
  sums(): RollupState
  tape(minutes: number, signal: AbortSignal): Promise<Timeline>
  now(signal: AbortSignal): Promise<Now>
  live(readings: LiveReadings): Live
  power(query: PowerQuery, signal: AbortSignal): Promise<Power>
  energy(query: SpanQuery, signal: AbortSignal): Promise<Energy>
  energyTable(query: SpanQuery, signal: AbortSignal): Promise<EnergyTable>
  consumers(query: SpanQuery, signal: AbortSignal): Promise<Consumers>
  /** Of a channel; left out: of the house. */
  hours(query: HoursQuery, signal: AbortSignal): Promise<Hours>
  tariffs(signal: AbortSignal): Promise<Tariffs>
  bills(query: BillsQuery, signal: AbortSignal): Promise<Bills>
  costs(query: SpanQuery, signal: AbortSignal): Promise<Costs>
  coverage(signal: AbortSignal): Promise<Coverage>
  channelCoverage(query: ChannelDaysQuery, signal: AbortSignal): Promise<ChannelCoverage>
  dayCoverage(query: DayQuery, signal: AbortSignal): Promise<DayCoverage>
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

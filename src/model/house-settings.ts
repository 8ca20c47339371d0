/** Which channels: those that have all of these labels, or those of these locations. */
export type ChannelSelector = Readonly<Record<string, string>> | readonly string[]

/** What the configuration says of the house. */
export interface HouseSettings {
  /** Days and hours are those of this zone, e.g. `America/New_York`. */
  readonly timezone: string
  /** Whether solar joins ahead of the mains sensors, which then see the load, or behind them: then they see the grid. */
  readonly wiring: 'ahead' | 'behind'
  readonly mains: ChannelSelector
  readonly solar: ChannelSelector
  /** A circuit is of the first that fits. */
  readonly groups: readonly { readonly name: string; readonly select: ChannelSelector }[]
  /** Whether the configuration has a house; else this is what the original labels tell. */
  readonly isConfigured: boolean
}

import { at } from '../model/at.ts'
import { type House, HouseError, type HouseSettings } from '../model/house-views.ts'
import type { Labels } from '../model/series.ts'
import type { Store } from '../model/store.ts'
import { DAY_MS, type TimeWindow } from '../model/time-window.ts'
import { openTimeZone } from '../model/time-zone.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { binPhaseMs, BINS_A_DAY, type DaySums, LEGACY_BIT } from './day-sums.ts'
import { type DeviceFacts, factsOf, storedUntilMs } from './house-base.ts'
import { type HousePlan, houseView, planHouse } from './house-plan.ts'
import type { Hours } from './hourly-watts.ts'
import type { KnownChannels } from './known-channels.ts'
import { lastWeekOf } from './last-week.ts'
import { type HousePreview, previewHouse } from './preview-house.ts'
import { createRollups, type Rollups } from './rollups.ts'
import { type MoneyBase, type MoneySettings, showBills, showTariffs } from './show-bills.ts'
import { showCosts } from './show-costs.ts'
import { countMissing, showChannelCoverage, showCoverage, showDayCoverage } from './show-coverage.ts'
import { type NewestMinutes, newestMinutes } from './newest-minutes.ts'
import { showConsumers, showEnergy, tabulateEnergy } from './show-energy.ts'
import { showHours } from './show-hours.ts'
import { showLive } from './show-live.ts'
import { newestWatts, showNow, showTimeline } from './show-now.ts'
import { showPower } from './show-power.ts'

export interface HouseOptions {
  readonly store: Store
  readonly house: HouseSettings
  readonly devices: readonly DeviceFacts[]
  readonly channels: Pick<KnownChannels, 'series' | 'learn'>
  /** What energy costs; left out where no tariff is configured. */
  readonly money?: MoneySettings
  readonly clock: Clock
  readonly log: Log
  /** Where sums are kept; left out: nowhere. */
  readonly folder?: string
}

export interface OpenHouse extends House {
  /** The newest minute of each channel of a device. */
  newestWatts(
    device: string,
  ): Promise<{ readonly atMs?: number; readonly watts: Readonly<Record<string, number | null>> }>
  /**
   * The newest minutes of a channel or a group; undefined where nothing of it is stored.
   * @throws StoreError, HouseError, or the reason of an aborted signal
   */
  newestMinutes(circuit: string, minuteCount: number, signal: AbortSignal): Promise<NewestMinutes | undefined>
  /** The end of the newest minute that is stored of a device. */
  storedUntilMs(device: string): number | undefined
  /** What the house would show with other settings. */
  preview(settings: HouseSettings, signal: AbortSignal): Promise<HousePreview>
  /** By channel, what it measured in each of the last hours: as the store has it. */
  lastWeek(signal: AbortSignal): Promise<ReadonlyMap<string, Hours>>
  /** Minutes since then that are missing in the store and that the device may have, by what is kept. */
  missingMinutes(device: string, sinceMs: number): number
  noteWritten(window: TimeWindow): void
  /** All that is kept is held against the store. */
  verify(): void
  /** Keeps the sums up to date until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>
}

/** What the store has, to look at: by the minute from the store, by the hour and more from sums that are kept. */
export function openHouse({ store, house, devices, channels, money, clock, log, folder }: HouseOptions): OpenHouse {
  const zone = openTimeZone(house.timezone)
  let plan: HousePlan | undefined
  let planned: readonly Labels[] = []
  const planNow = () => {
    const now = channels.series()
    if (plan === undefined || now !== planned) plan = planHouse(house, now, money !== undefined)
    planned = now
    return plan
  }
  const phaseMs = binPhaseMs(zone, clock.nowMs())
  const { learn } = channels
  const days = createRollups({
    store,
    clock,
    log,
    planNow,
    learn,
    phaseMs,
    zone,
    ...(folder !== undefined && { folder }),
  })
  const base: MoneyBase = { days, zone, clock, devices, money }
  const ask = async <T>(signal: AbortSignal, answer: () => Promise<T>): Promise<T> => {
    await days.opened(signal)
    const { channels: known, fingerprint } = days.plan()
    if (known.length === 0)
      throw new HouseError(
        'early',
        'no channel is known yet: no device has answered since the start, none is configured, and the store has nothing of them',
      )
    const [made] = await Promise.allSettled([answer()])
    // The places of channels are those of one plan: what was made while it changed is made again.
    if (days.plan().fingerprint !== fingerprint) return ask(signal, answer)
    if (made.status === 'rejected') throw made.reason
    return made.value
  }
  return {
    zone,
    async house(signal) {
      // What the configuration and the devices tell is known without a store.
      await days.opened(signal).catch(() => signal.throwIfAborted())
      return houseView(days.plan(), findReversedSolar(days, clock.nowMs()))
    },
    channelCount: () => days.plan().channels.length,
    sums: () => days.state(),
    tape: (minutes, signal) => ask(signal, () => showTimeline(base, minutes)),
    now: (signal) => ask(signal, () => showNow(base)),
    live: (readings) => showLive(base, readings),
    power: (query, signal) => ask(signal, () => showPower(base, query)),
    energy: (query, signal) => ask(signal, () => showEnergy(base, query)),
    energyTable: (query, signal) => ask(signal, () => tabulateEnergy(base, query)),
    consumers: (query, signal) => ask(signal, () => showConsumers(base, query)),
    hours: (query, signal) => ask(signal, () => showHours(base, query)),
    tariffs: (signal) => ask(signal, () => showTariffs(base)),
    bills: (query, signal) => ask(signal, () => showBills(base, query)),
    costs: (query, signal) => ask(signal, () => showCosts(base, query)),
    coverage: (signal) => ask(signal, () => showCoverage(base)),
    channelCoverage: (query, signal) => ask(signal, () => showChannelCoverage(base, query)),
    dayCoverage: (query, signal) => ask(signal, () => showDayCoverage(base, query)),
    newestWatts: (device) => newestWatts(base, device),
    newestMinutes: (circuit, minuteCount, signal) => ask(signal, () => newestMinutes(base, circuit, minuteCount)),
    storedUntilMs: (device) => storedUntilMs(base, factsOf(base, device)),
    preview: (settings, signal) => ask(signal, () => previewHouse(base, settings)),
    lastWeek: (signal) => ask(signal, () => lastWeekOf(base)),
    missingMinutes: (device, sinceMs) => countMissing(base, device, sinceMs),
    noteWritten: days.noteWritten,
    verify: days.verifyAll,
    run: days.run,
  }
}

const LOOKBACK_MS = 7 * DAY_MS
/** An inverter draws a few watts at night; one whose sensor is the wrong way round seems to draw what it makes. */
const [IDLE_W, REVERSED_W] = [10, -100]

/** Places of solar channels that were only below zero in each half hour of the last days. */
function findReversedSolar(days: Rollups, nowMs: number): number[] {
  const kept = days.kept({ fromMs: nowMs - LOOKBACK_MS, untilMs: nowMs })
  return days.plan().solar.filter((place) => {
    const means = kept.flatMap((day) => halfHours(day, place))
    return means.some((watts) => watts < REVERSED_W) && means.every((watts) => watts < IDLE_W)
  })
}

function halfHours({ wattHours, minutes }: DaySums, place: number): number[] {
  return Array.from({ length: BINS_A_DAY }, (_, bin) => place * BINS_A_DAY + bin).flatMap((index) => {
    const count = at(minutes, index) & ~LEGACY_BIT
    return count > 0 ? [(at(wattHours, index) * 60) / count] : []
  })
}

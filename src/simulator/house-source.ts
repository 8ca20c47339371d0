import type { CardInput } from '../card/card-config.ts'
import type { LogFile } from '../card/log-file.ts'
import { CHANNEL_COUNT, type LogRecord, RECORD_BYTES } from '../card/log-record.ts'
import type { RecordSpan } from '../card/measure.ts'
import { CURRENT_INTERVAL_S, HISTORY_INTERVAL_S } from '../card/open-card.ts'
import { outOfRange } from '../model/at.ts'
import type { TimeWindow } from '../model/time-window.ts'
import type { DeviceSource } from './plain-device.ts'
import { houseConfig, type HouseUnit } from './two-unit-house.ts'
import type { LoadEnergy, LoadSums } from './house-load.ts'

export interface HouseSourceOptions {
  readonly unit: HouseUnit
  readonly mac: string
  readonly energyOf: (load: string) => LoadEnergy
  /** The energy of a circuit that is connected later. */
  readonly newEnergy: (name: string) => LoadEnergy
  readonly fromMs: number
  /** Where its log ends; left out: it goes on growing. */
  readonly untilMs?: number | undefined
  readonly outages: readonly TimeWindow[]
  /** How far the 5 s log goes back. */
  readonly currentLogMs: number
  readonly restartMs: number
}

interface MeteredPart {
  readonly energy: LoadEnergy
  readonly share: number
}

/** What a channel counts, and from when on. */
interface Meter {
  readonly parts: readonly MeteredPart[]
  readonly sinceS: number
  readonly before: LoadSums
}

type Sums = Pick<LogRecord, 'sum1' | 'sum2'>

/** Outages up to this are filled with repeats; longer ones leave a gap in the 5 s log. */
const FILLED_GAP_S = 600

/** A unit of a made-up house as the source of a simulated device: any record is computed when it is read. */
export function houseSource(options: HouseSourceOptions): DeviceSource {
  const { unit, restartMs } = options
  const fromS = Math.ceil(options.fromMs / 60_000) * 60
  const meters: (Meter | undefined)[] = unit.channels.map((channel) => {
    const parts = channel.parts.map(({ load, share }) => ({ energy: options.energyOf(load), share }))
    return createMeter(parts, Math.max(fromS, (channel.sinceMs ?? 0) / 1000))
  })
  const offWindows: TimeWindow[] = []
  let off: readonly TimeSpan[] = []
  let blocked: readonly TimeSpan[] = []
  let lost: readonly Sums[] | undefined
  let cardFromS = fromS
  for (const outage of options.outages) noteOff(outage.fromMs, outage.untilMs)

  function noteOff(offFromMs: number, offUntilMs: number): void {
    offWindows.push({ fromMs: offFromMs, untilMs: offUntilMs })
    const spanFromS = floorTo(Math.max(offFromMs / 1000, fromS), CURRENT_INTERVAL_S)
    off = addSpan(off, { fromS: spanFromS, untilS: ceilTo(offUntilMs / 1000, CURRENT_INTERVAL_S) })
    lost = undefined
  }

  /** Only what covers a complete interval of the log leaves a trace in it. */
  function noteBlocked(blockedFromMs: number, blockedUntilMs: number): void {
    const untilS = floorTo(blockedUntilMs / 1000, CURRENT_INTERVAL_S)
    if (untilS - ceilTo(blockedFromMs / 1000, CURRENT_INTERVAL_S) < CURRENT_INTERVAL_S) return
    blocked = addSpan(blocked, { fromS: blockedFromMs / 1000, untilS })
  }

  /** A record that falls into a time in which nothing was written repeats the last one before it. */
  function writtenKey(keyS: number): number {
    let writtenS = keyS
    for (let span = spanAround(blocked, writtenS); span !== undefined; span = spanAround(blocked, writtenS))
      writtenS = floorTo(span.fromS, CURRENT_INTERVAL_S)
    return writtenS
  }

  function recordAt(keyS: number, askedS: number): LogRecord {
    const writtenS = writtenKey(keyS)
    const measuredS = spanAround(off, writtenS)?.fromS ?? writtenS
    const { sum1, sum2 } = sumsAt(meters, measuredS)
    let loggedS = measuredS - fromS
    const losses = (lost ??= off.map((span) => lostIn(meters, span)))
    for (const [index, span] of off.entries()) {
      if (span.untilS > measuredS) break
      loggedS -= span.untilS - span.fromS
      const loss = losses[index] ?? outOfRange(losses, index)
      takeAway(sum1, loss.sum1)
      takeAway(sum2, loss.sum2)
    }
    return { keyS: askedS, logHours: loggedS / 3600, sum1, sum2 }
  }

  function lastKey(nowMs: number): number {
    const endMs = Math.min(nowMs, options.untilMs ?? Infinity)
    const timeS = Math.floor(endMs / 1000)
    return floorTo(spanAround(off, timeS)?.fromS ?? timeS, CURRENT_INTERVAL_S)
  }

  /** A log that was off when its oldest record would have been written begins when it was on again. */
  function firstKey(lastS: number): number {
    const oldestS = Math.max(cardFromS, ceilTo(lastS - options.currentLogMs / 1000, CURRENT_INTERVAL_S))
    const gap = spanAround(off, oldestS)
    return gap === undefined || gap.untilS - gap.fromS <= FILLED_GAP_S ? oldestS : Math.min(gap.untilS, lastS)
  }

  function logsAt(nowMs: number): { current: LogFile; history: LogFile } {
    const lastS = lastKey(nowMs)
    const firstS = firstKey(lastS)
    const gapsS = off
      .filter((span) => span.fromS >= firstS && span.untilS <= lastS && span.untilS - span.fromS > FILLED_GAP_S)
      .reduce((sum, span) => sum + span.untilS - span.fromS - CURRENT_INTERVAL_S, 0)
    return {
      current: madeUpLog(recordAt, { firstS, lastS, intervalS: CURRENT_INTERVAL_S, gapsS }),
      history: madeUpLog(recordAt, {
        firstS: cardFromS,
        lastS: floorTo(lastS, HISTORY_INTERVAL_S),
        intervalS: HISTORY_INTERVAL_S,
        gapsS: 0,
      }),
    }
  }

  /** The last second. */
  function momentAt(nowMs: number): RecordSpan {
    const [fromTimeS, untilTimeS] = [nowMs / 1000 - 1, nowMs / 1000]
    return {
      from: { keyS: fromTimeS, logHours: 0, ...sumsAt(meters, fromTimeS) },
      until: { keyS: untilTimeS, logHours: 1 / 3600, ...sumsAt(meters, untilTimeS) },
    }
  }

  function noteConnected({ channel, name }: Pick<CardInput, 'channel' | 'name'>, sinceMs: number): void {
    meters[channel] = createMeter([{ energy: options.newEnergy(name), share: 1 }], sinceMs / 1000)
    lost = undefined
  }

  return {
    configText: houseConfig(unit),
    mac: options.mac,
    restartMs,
    logsAt,
    momentAt,
    isOn: (nowMs) => !offWindows.some(({ fromMs, untilMs }) => nowMs >= fromMs && nowMs < untilMs),
    noteBlocked,
    noteOff,
    noteNewCard: (newFromMs) => {
      cardFromS = ceilTo(newFromMs / 1000, HISTORY_INTERVAL_S)
    },
    noteConnected,
  }
}

function createMeter(parts: readonly MeteredPart[], sinceS: number): Meter {
  return { parts, sinceS, before: addParts(parts, sinceS) }
}

function addParts(parts: readonly MeteredPart[], timeS: number): LoadSums {
  let wattHours = 0
  let voltAmpereHours = 0
  for (const part of parts) {
    const sums = part.energy(timeS)
    wattHours += part.share * sums.wattHours
    voltAmpereHours += part.share * sums.voltAmpereHours
  }
  return { wattHours, voltAmpereHours }
}

function sumsAt(meters: readonly (Meter | undefined)[], timeS: number): Sums {
  const sum1 = new Float64Array(CHANNEL_COUNT)
  const sum2 = new Float64Array(CHANNEL_COUNT)
  for (let channel = 0; channel < meters.length; channel++) {
    const meter = meters[channel]
    if (meter === undefined || timeS <= meter.sinceS) continue
    const sums = addParts(meter.parts, timeS)
    sum1[channel] = sums.wattHours - meter.before.wattHours
    sum2[channel] = sums.voltAmpereHours - meter.before.voltAmpereHours
  }
  return { sum1, sum2 }
}

function lostIn(meters: readonly (Meter | undefined)[], { fromS, untilS }: TimeSpan): Sums {
  const before = sumsAt(meters, fromS)
  const after = sumsAt(meters, untilS)
  takeAway(after.sum1, before.sum1)
  takeAway(after.sum2, before.sum2)
  return after
}

function takeAway(sums: Float64Array, less: Float64Array): void {
  for (const [channel, sum] of less.entries()) sums[channel] = (sums[channel] ?? outOfRange(sums, channel)) - sum
}

interface MadeUpLog {
  readonly firstS: number
  readonly lastS: number
  readonly intervalS: number
  /** How much of the time in between has no record. */
  readonly gapsS: number
}

function madeUpLog(
  recordAt: (keyS: number, askedS: number) => LogRecord,
  { firstS, lastS, intervalS, gapsS }: MadeUpLog,
): LogFile {
  const empty = lastS < firstS
  let readCount = 0
  return {
    intervalS,
    firstKeyS: empty ? 0 : firstS,
    lastKeyS: empty ? 0 : lastS,
    sizeBytes: empty ? 0 : ((lastS - firstS - gapsS) / intervalS + 1) * RECORD_BYTES,
    get readCount() {
      return readCount
    },
    read(anyKeyS) {
      readCount++
      const keyS = floorTo(anyKeyS, intervalS)
      return recordAt(Math.min(Math.max(keyS, firstS), Math.max(firstS, lastS)), keyS)
    },
    close() {},
  }
}

function floorTo(timeS: number, stepS: number): number {
  return Math.floor(timeS / stepS) * stepS
}

function ceilTo(timeS: number, stepS: number): number {
  return Math.ceil(timeS / stepS) * stepS
}

/** Half-open, in seconds. */
interface TimeSpan {
  readonly fromS: number
  readonly untilS: number
}

/** Spans that do not overlap, oldest first; a new one is merged with those it touches. */
function addSpan(spans: readonly TimeSpan[], added: TimeSpan): readonly TimeSpan[] {
  if (added.untilS <= added.fromS) return spans
  const before = spans.filter((span) => span.untilS < added.fromS)
  const after = spans.filter((span) => span.fromS > added.untilS)
  const touching = spans.slice(before.length, spans.length - after.length)
  const fromS = Math.min(added.fromS, ...touching.map((span) => span.fromS))
  const untilS = Math.max(added.untilS, ...touching.map((span) => span.untilS))
  return [...before, { fromS, untilS }, ...after]
}

/** The span that holds the time strictly inside: not its beginning. */
function spanAround(spans: readonly TimeSpan[], timeS: number): TimeSpan | undefined {
  let low = 0
  let high = spans.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((spans[middle] ?? outOfRange(spans, middle)).untilS <= timeS) low = middle + 1
    else high = middle
  }
  const span = spans[low]
  return span !== undefined && span.fromS < timeS ? span : undefined
}

import { readFile, stat } from 'node:fs/promises'
import pLimit from 'p-limit'
import { outOfRange } from '../model/at.ts'
import { type Column, type Device, DeviceError, type RowBatch, type RowRequest } from '../model/device.ts'
import {
  floorToMinute,
  formatMinute,
  formatWindow,
  MINUTE_MS,
  minuteCount,
  type TimeWindow,
} from '../model/time-window.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import {
  type CardConfig,
  configHash,
  findFormula,
  listCardChannels,
  parseCardConfig,
  usesIntegrator,
} from './card-config.ts'
import { type CardLog, openCardLog } from './card-log.ts'
import { findCard } from './find-card.ts'
import { channelsRead, compileMeasure, voltageReferences } from './measure.ts'
import { CURRENT_INTERVAL_S, HISTORY_INTERVAL_S } from './open-card.ts'
import { type CardLogs, type ColumnBatch, type MeasuredColumn, readColumns } from './read-columns.ts'

/**
 * A card that answers to the last digit what the device of this name in the configuration would. `path` is the root of
 * a card or of its copy, its `iotawatt` folder, or one of its logs. What is wrong with it is logged.
 * @throws DeviceError where there is no card, or none that can be read.
 */
export async function openCardDevice(
  { name, path }: { readonly name: string; readonly path: string },
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<Device> {
  const place = findCard(path)
  const configText = await reading(name, place.config, () => readConfigFile(place.config))
  const config = await reading(name, place.config, () => parseCardConfig(configText.toString('utf8')))
  const logs = await openLogs(name, place)
  const span = spanOf(logs)
  const warn = (message: string) => log.warn(`${name}: ${message}`)
  for (const remark of remarksOn(config, logs)) warn(remark)
  if (config.deviceName !== name)
    log.info(`${name}: the device of this card calls itself ${config.deviceName}; it is kept as ${name}`)

  const damage = trackDamage(warn)
  const references = voltageReferences(config)
  // One block of each log is in memory: one thing at a time.
  const inTurn = pLimit(1)

  function toMeasured({ name: channel, unit, decimals }: Column): MeasuredColumn {
    const formula = findFormula(config, channel)
    if (formula === undefined)
      throw new DeviceError('unknown-channel', `${name}: ${place.config} has no channel ${channel}`, { channel })
    return {
      measure: compileMeasure(formula, { unit, references }),
      decimals,
      channels: channelsRead(formula, references),
    }
  }

  function fetchColumns(request: RowRequest, signal: AbortSignal): Promise<ColumnBatch> {
    return inTurn(async () => {
      signal.throwIfAborted()
      checkWindow(name, request, span)
      const batch = await reading(name, path, () => readColumns(logs, request, request.columns.map(toMeasured)))
      if (request.step === 'minute') damage.add(batch.damagedMs)
      return batch
    })
  }

  return {
    name,
    status: async (signal) => {
      signal.throwIfAborted()
      // A card has no clock that could be wrong.
      return {
        name: config.deviceName,
        version: 'SD card',
        startedAtMs: span.newestMs,
        clockMs: clock.nowMs(),
        isCard: true,
        ...span,
      }
    },
    listChannels: async () => listCardChannels(config),
    fetchRows: async (request, signal) => toRows(await fetchColumns(request, signal)),
    fetchMinutes: (request, signal) => fetchColumns({ ...request, step: 'minute' }, signal),
    configFingerprint: async () => configHash(configText),
    async close() {
      damage.end()
      for (const card of openOnes(logs)) {
        if (await card.hasGrown().catch(() => false))
          warn(`${card.path} changed while it was read: is it still being copied? what came later is not loaded yet`)
        await card.close()
      }
    },
  }
}

async function openLogs(
  name: string,
  place: { history: string | undefined; current: string | undefined },
): Promise<CardLogs> {
  const open = async (path: string | undefined, intervalS: number) =>
    path === undefined ? undefined : reading(name, path, () => openCardLog(path, intervalS))
  const history = await open(place.history, HISTORY_INTERVAL_S)
  try {
    const current = await open(place.current, CURRENT_INTERVAL_S)
    if (history === undefined && current === undefined)
      throw new DeviceError('rejected', `${name}: the logs of this card hold no records`)
    return { history, current }
  } catch (error) {
    await history?.close()
    throw error
  }
}

interface CardSpan {
  readonly firstMs: number
  readonly newestMs: number
}

function spanOf(logs: CardLogs): CardSpan {
  const opened = openOnes(logs)
  return {
    firstMs: Math.min(...opened.map(({ firstKeyS }) => firstKeyS)) * 1000,
    newestMs: Math.max(...opened.map(({ lastKeyS }) => lastKeyS)) * 1000,
  }
}

function remarksOn(config: CardConfig, logs: CardLogs): string[] {
  const { history, current } = logs
  const missing = []
  if (history === undefined)
    missing.push('the card has no histlog.log with records: only what is in iotalog.log, usually a year, is loaded')
  if (current === undefined) missing.push('the card has no iotalog.log with records: the newest minutes may be missing')
  if (history !== undefined && current !== undefined && current.firstKeyS > history.lastKeyS + history.intervalS)
    missing.push(
      `neither log has records of ${formatWindow({ fromMs: history.lastKeyS * 1000, untilMs: current.firstKeyS * 1000 })}`,
    )
  const integrated = config.outputs.filter(usesIntegrator).map((output) => output.name)
  const left =
    integrated.length > 0 ? [`outputs that integrate are not read from a card: ${integrated.join(', ')}`] : []
  return [...missing, ...openOnes(logs).flatMap(({ remarks }) => remarks), ...left]
}

function openOnes({ history, current }: CardLogs): CardLog[] {
  return [history, current].filter((log) => log !== undefined)
}

function checkWindow(name: string, { columns, window }: RowRequest, { newestMs }: CardSpan): void {
  const { fromMs, untilMs } = window
  if (columns.length === 0) throw new DeviceError('rejected', `${name}: asked for rows without a channel`)
  if (fromMs % MINUTE_MS !== 0 || untilMs % MINUTE_MS !== 0 || fromMs >= untilMs)
    throw new DeviceError(
      'rejected',
      `${name}: asked for ${fromMs} to ${untilMs} ms, which is not a minute-aligned span`,
    )
  if (untilMs > floorToMinute(newestMs))
    throw new DeviceError(
      'rejected',
      `${name}: asked for ${formatWindow(window)}, but its log ends at ${formatMinute(newestMs)}`,
    )
}

function toRows({ fromMs, untilMs, stepMs, columns }: ColumnBatch): RowBatch {
  const [first = new Float64Array()] = columns
  const rows = Array.from(first, (_, row) => ({
    atMs: fromMs + row * stepMs,
    values: columns.map((column) => toCell(column[row] ?? outOfRange(column, row))),
  }))
  return { rows, untilMs }
}

/** In a column, NaN is not logged and infinite cannot be used; in a row, null and NaN are. */
function toCell(value: number): number | null {
  if (Number.isNaN(value)) return null
  return Number.isFinite(value) ? value : NaN
}

/** What the file system, or what lies in the file, does not allow. */
async function reading<T>(name: string, path: string, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof DeviceError) throw error
    const hint = 'a card that cannot be read in part is best copied first, with a tool for that such as ddrescue'
    const isFailing = error instanceof Error && 'code' in error && error.code === 'EIO'
    throw new DeviceError('rejected', `${name}: ${path}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
      ...(isFailing && { hint }),
    })
  }
}

/** The firmware itself reads no more than a part of it. */
export const MAX_CONFIG_BYTES = 1024 * 1024

async function readConfigFile(path: string): Promise<Buffer> {
  const { size } = await stat(path)
  if (size > MAX_CONFIG_BYTES) throw new Error(`${path} has ${size} bytes, which no configuration of a device has`)
  return readFile(path)
}

/** Collects the minutes that were left out, to say each span of them once. */
interface DamageTrack {
  /** Minutes in their order. */
  add(startsMs: readonly number[]): void
  /** Says the span that is open; nothing follows it at once. */
  end(): void
}

/** Past this many spans only their number is reported. */
const MAX_SPANS = 20

function trackDamage(warn: (message: string) => void): DamageTrack {
  const said = new Set<string>()
  let open: TimeWindow | undefined
  let more = 0

  function say(span: TimeWindow): void {
    const text = `${formatWindow(span)}: ${minuteCount(span)} min are left out, as the log is damaged there; they count as absent`
    if (said.has(text)) return
    if (said.size >= MAX_SPANS) more++
    else warn(text)
    said.add(text)
  }

  return {
    add(startsMs) {
      for (const atMs of startsMs) {
        const untilMs = atMs + MINUTE_MS
        if (open?.untilMs === atMs) open = { fromMs: open.fromMs, untilMs }
        else {
          if (open) say(open)
          open = { fromMs: atMs, untilMs }
        }
      }
    },
    end() {
      if (open) say(open)
      if (more > 0) warn(`${more} further spans are left out for the same reason`)
      open = undefined
      more = 0
    },
  }
}

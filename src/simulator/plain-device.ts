import { createHash } from 'node:crypto'
import { type CardInput, parseCardConfig } from '../card/card-config.ts'
import type { RecordSpan } from '../card/measure.ts'
import type { Card, DeviceLogs } from '../card/open-card.ts'
import { at } from '../model/at.ts'
import { answerRequest, type RequestContext } from './answer-request.ts'
import { type DeviceAnswer, noAnswer, type Reply, toAnswer } from './device-answer.ts'
import { FirmwareCrash, NEWEST_FIRMWARE } from './firmware.ts'
import type { DeviceRequest } from './request-arguments.ts'

/** What a simulated device measures: the card of a real one, or a house that is made up. Times in Unix ms. */
export interface DeviceSource {
  readonly configText: string
  /** The hardware address of the device that measures it. */
  readonly mac: string
  /** The logs as they stand at a time. */
  logsAt(nowMs: number): Pick<Card, 'current' | 'history'>
  /** What it measures at a time; left out: what it logged last. */
  momentAt?(nowMs: number): RecordSpan
  /** How long the device is away when it restarts. */
  readonly restartMs: number
  /** False while it has no power. */
  isOn(nowMs: number): boolean
  /** Nothing is written to the log meanwhile; the first record after it carries it all. */
  noteBlocked(fromMs: number, untilMs: number): void
  /** Nothing is measured meanwhile. */
  noteOff(fromMs: number, untilMs: number): void
  /** An empty card in the place of the old one. */
  noteNewCard(fromMs: number): void
  /** A circuit is connected to an input that was free. */
  noteConnected(input: Pick<CardInput, 'channel' | 'name'>, sinceMs: number): void
}

export interface PlainDeviceOptions {
  readonly source: DeviceSource
  readonly clock: { nowMs(): number }
  /** What reading one record of a log takes. */
  readonly readCostMs?: number
  /** What an answer takes beside that. */
  readonly answerCostMs?: number
  /** When it was started; left out: now. */
  readonly startedAtMs?: number
  /** Asked with each request for what it answers otherwise than the newest firmware without passwords does. */
  readonly variant?: (logs: DeviceLogs) => Partial<RequestContext>
  /** Called when it restarts, with when it is there again. */
  readonly onStart?: (atMs: number) => void
}

/** An IoTaWatt without a network to which nothing happens: a request in, an answer out. */
export interface PlainDevice {
  readonly name: string
  isOn(): boolean
  answer(request: DeviceRequest): DeviceAnswer
  /** Left out: away for as long as its source says. */
  reboot(awayMs?: number): void
}

/** A log that was not written for this long makes the firmware restart. */
const WATCHDOG_MS = 300_000

export function createPlainDevice(options: PlainDeviceOptions): PlainDevice {
  const { source, clock, readCostMs = 0, answerCostMs = 0, variant, onStart } = options
  const { configText, mac } = source
  const config = parseCardConfig(configText)
  let startedAtMs = options.startedAtMs ?? clock.nowMs()

  function reboot(awayMs = source.restartMs): void {
    const nowMs = clock.nowMs()
    if (awayMs > 0) source.noteOff(nowMs, nowMs + awayMs)
    // The device reports its start in seconds: two starts must differ.
    startedAtMs = Math.max(nowMs + awayMs, startedAtMs + 1000)
    onStart?.(nowMs + awayMs)
  }

  function answer(request: DeviceRequest): DeviceAnswer {
    const nowMs = clock.nowMs()
    if (!source.isOn(nowMs)) return noAnswer('refused')
    const logs = source.logsAt(nowMs)
    const readsBefore = countReads(logs)
    const reply = tryRequest(request, logs)
    // What /status shows of the inputs is in memory.
    const recordReads = at(request.url.split('?'), 0) === '/status' ? 0 : countReads(logs) - readsBefore
    const costMs = answerCostMs + recordReads * readCostMs
    if (costMs > 0) source.noteBlocked(nowMs, nowMs + costMs)
    if (reply !== undefined && costMs <= WATCHDOG_MS) return toAnswer(reply, { recordReads, costMs })
    reboot()
    return { ...noAnswer('reset'), recordReads, costMs }
  }

  /** Undefined where it crashes. */
  function tryRequest(request: DeviceRequest, logs: DeviceLogs): Reply | undefined {
    const startS = Math.floor(startedAtMs / 1000)
    const nowMs = clock.nowMs()
    const moment = source.momentAt?.(nowMs)
    const times = { startS, nowS: Math.floor(nowMs / 1000) }
    const plain = { config, configText, logs, moment, passwords: {}, firmware: NEWEST_FIRMWARE, mac, ...times, reboot }
    try {
      return answerRequest(request, { ...plain, ...variant?.(logs) })
    } catch (error) {
      if (error instanceof FirmwareCrash) return undefined
      throw error
    }
  }

  return { name: config.deviceName, isOn: () => source.isOn(clock.nowMs()), answer, reboot }
}

function countReads({ current, history }: DeviceLogs): number {
  return (current?.readCount ?? 0) + (history?.readCount ?? 0)
}

/** The vendor of the device's Wi-Fi chip. */
const VENDOR = '5C:CF:7F'

/** A hardware address as the firmware prints it: another seed, another device. */
export function makeMac(seed: string): string {
  const digits = createHash('sha256').update(seed).digest('hex').slice(0, 6).toUpperCase()
  return [VENDOR, ...(digits.match(/../g) ?? [])].join(':')
}

import { parseCardConfig } from '../card/card-config.ts'
import { encodeDeviceText } from '../card/device-text.ts'
import type { DeviceLogs } from '../card/read-logs.ts'
import { at } from '../model/at.ts'
import { answerRequest } from './answer-request.ts'
import { type DeviceAnswer, plainReply, type Reply, statusText } from './device-answer.ts'
import { createCounters, type DeviceCounters } from './device-counters.ts'
import { damageAnswer, type DeviceFault, type FaultHook } from './device-fault.ts'
import type { DeviceSource } from './device-source.ts'
import { createDigestLogin, type DevicePasswords } from './digest-login.ts'
import { addChannel, removeChannel, renameChannel, setOutput } from './edit-config.ts'
import { type Firmware, FirmwareCrash, NEWEST_FIRMWARE } from './firmware.ts'
import type { DeviceRequest } from './request-arguments.ts'
import type { SpoilCell } from './run-query.ts'

export interface SimulatedDeviceOptions {
  readonly source: DeviceSource
  readonly clock: { nowMs(): number }
  /** What reading one record of a log takes. */
  readonly readCostMs?: number
  /** How long after a start the History log is opened. */
  readonly historyOpensAfterMs?: number
  /** When it was started; left out: now. */
  readonly startedAtMs?: number
  readonly passwords?: DevicePasswords
  /** Left out: the newest. */
  readonly firmware?: Firmware
  /** Its hardware address; left out: the one of its source. */
  readonly mac?: string
  readonly before?: FaultHook
  readonly spoilCell?: SpoilCell
}

/** An IoTaWatt without a network: a request in, an answer out. */
export interface SimulatedDevice {
  readonly name: string
  /** The device's clock. */
  nowMs(): number
  answer(request: DeviceRequest): DeviceAnswer
  /** Replaces what goes wrong from now on. */
  setFaults(before: FaultHook | undefined): void
  /** Replaces which cells of its rows hold something else than what was measured. */
  spoilCells(spoil: SpoilCell | undefined): void
  /**
   * What an input or output reads at present, as only `/status` shows it: NaN and infinities are printed bare. Undefined:
   * again what is logged.
   */
  setReading(channel: string, reading: number | undefined): void
  /** Nothing is logged from now on, while its clock and its web server go on. */
  stopLog(): void
  /** Logs again; what it measured in between is lost. */
  resumeLog(): void
  setFirmware(firmware: Firmware): void
  /** Another device takes the place, and the card, of this one. */
  setMac(mac: string): void
  /** Moves the device's clock against the true one. */
  setClockOffset(offsetMs: number): void
  setPower(power: 'on' | 'off'): void
  isOn(): boolean
  /** Whether it answers of the past; soon after a start it does not. */
  isHistoryOpen(): boolean
  reboot(): void
  renameChannel(from: string, to: string): void
  /** On the first free input; it counts from 0 and measures from now on. */
  addChannel(name: string): void
  removeChannel(name: string): void
  /** An output that computes the formula, also of the past. */
  setOutput(name: string, formula: string): void
  /** An empty card in the place of the old one. */
  replaceCard(): void
  counters(): DeviceCounters
  resetCounters(): void
  /** For whoever carries requests to it, to count them from their arrival until the answer is sent. */
  beginRequest(request: object): void
  endRequest(request: object): void
}

/** A log that was not written for this long makes the firmware restart. */
const WATCHDOG_MS = 300_000

export function createSimulatedDevice(options: SimulatedDeviceOptions): SimulatedDevice {
  const { source, clock, readCostMs = 0, historyOpensAfterMs = 0, passwords = {} } = options
  let offsetMs = 0
  const nowMs = () => clock.nowMs() + offsetMs
  const counters = createCounters(nowMs)
  const login = createDigestLogin({ passwords, realm: () => config.deviceName, nowMs })
  let { before, spoilCell, firmware = NEWEST_FIRMWARE, mac = source.mac } = options
  const readings = new Map<string, number>()
  let logStoppedMs: number | undefined
  let startedAtMs = options.startedAtMs ?? nowMs()
  // By the true clock: the firmware counts from its start.
  let historyOpensMs = startedAtMs + historyOpensAfterMs
  let offSinceMs: number | undefined
  let configText = source.configText
  let config = parseCardConfig(configText)

  function setConfig(text: string): void {
    configText = text
    config = parseCardConfig(text)
  }

  function openLogs(): DeviceLogs {
    const logs = source.logsAt(logStoppedMs ?? nowMs())
    return isHistoryOpen() ? logs : { current: logs.current, history: undefined }
  }

  function reboot(): void {
    const restartedAtMs = nowMs() + source.restartMs
    if (source.restartMs > 0) source.noteOff(nowMs(), restartedAtMs)
    start(restartedAtMs)
  }

  function start(atMs: number): void {
    // The device reports its start in seconds: two starts must differ.
    startedAtMs = Math.max(atMs, startedAtMs + 1000)
    historyOpensMs = atMs - offsetMs + historyOpensAfterMs
    login.forget()
  }

  function isOn(): boolean {
    return offSinceMs === undefined && source.isOn(nowMs())
  }

  function isHistoryOpen(): boolean {
    return clock.nowMs() >= historyOpensMs
  }

  function answer(request: DeviceRequest): DeviceAnswer {
    const fault = before?.(request)
    if (!isOn() || fault?.kind === 'refused') return noAnswer('refused')
    if (fault?.kind === 'reset-before') return noAnswer('reset')
    const logs = openLogs()
    const readsBefore = countReads(logs)
    const reply = fault === undefined ? tryRequest(request, logs) : (replyOf(fault) ?? tryRequest(request, logs))
    const path = at(request.url.split('?'), 0)
    // What /status shows of the inputs is in memory.
    const recordReads = path === '/status' ? 0 : countReads(logs) - readsBefore
    const costMs = recordReads * readCostMs
    counters.count(path, { recordReads, costMs })
    if (costMs > 0) source.noteBlocked(nowMs(), nowMs() + costMs)
    if (reply === undefined || costMs > WATCHDOG_MS) {
      reboot()
      return { ...noAnswer('reset'), recordReads, costMs }
    }
    if (fault?.kind === 'restart') reboot()
    const complete = toAnswer(reply, { recordReads, costMs })
    return fault === undefined ? complete : damageAnswer(complete, fault)
  }

  function tryRequest(request: DeviceRequest, logs: DeviceLogs): Reply | undefined {
    try {
      const startS = Math.floor(startedAtMs / 1000)
      const nowS = Math.floor(nowMs() / 1000)
      const known = { config, configText, logs, login, passwords, firmware, mac, readings, spoilCell }
      return answerRequest(request, { ...known, startS, nowS, reboot })
    } catch (error) {
      if (error instanceof FirmwareCrash) return undefined
      throw error
    }
  }

  return {
    get name() {
      return config.deviceName
    },
    nowMs,
    answer,
    setFaults(hook) {
      before = hook
    },
    spoilCells(spoil) {
      spoilCell = spoil
    },
    setReading(channel, reading) {
      if (reading === undefined) readings.delete(channel)
      else readings.set(channel, reading)
    },
    stopLog() {
      logStoppedMs ??= nowMs()
    },
    resumeLog() {
      if (logStoppedMs !== undefined) source.noteOff(logStoppedMs, nowMs())
      logStoppedMs = undefined
    },
    setFirmware(installed) {
      firmware = installed
      reboot()
    },
    setMac(other) {
      mac = other
    },
    setClockOffset(toMs) {
      offsetMs = toMs
    },
    setPower(power) {
      if (power === 'off') offSinceMs ??= nowMs()
      else if (offSinceMs !== undefined) {
        source.noteOff(offSinceMs, nowMs())
        offSinceMs = undefined
        start(nowMs())
      }
    },
    isOn,
    isHistoryOpen,
    reboot,
    renameChannel: (from, to) => setConfig(renameChannel(configText, from, to)),
    addChannel(name) {
      const added = addChannel(configText, name)
      setConfig(added.configText)
      source.noteConnected({ channel: added.channel, name }, nowMs())
    },
    removeChannel: (name) => setConfig(removeChannel(configText, name)),
    setOutput: (name, formula) => setConfig(setOutput(configText, name, formula)),
    replaceCard: () => source.noteNewCard(nowMs()),
    counters: counters.read,
    resetCounters: counters.reset,
    beginRequest: counters.begin,
    endRequest: counters.end,
  }
}

function countReads({ current, history }: DeviceLogs): number {
  return (current?.readCount ?? 0) + (history?.readCount ?? 0)
}

function replyOf(fault: DeviceFault): Reply | undefined {
  if (fault.kind === 'status') return plainReply(fault.status, 'text/plain', fault.body ?? '')
  if (fault.kind === 'garbage') return plainReply(200, 'text/html', fault.body ?? '<html><body>It works!</body></html>')
  return undefined
}

function toAnswer(reply: Reply, cost: { recordReads: number; costMs: number }): DeviceAnswer {
  const bytes = encodeDeviceText(reply.body)
  const sent = { body: bytes.toString('utf8'), bytes, sentBytes: bytes.length }
  return { ...reply, ...cost, ...sent, statusText: statusText(reply.status), delayMs: 0, connection: 'close' }
}

function noAnswer(connection: 'reset' | 'refused'): DeviceAnswer {
  const nothing = { status: 0, statusText: '', headers: [], body: '', bytes: Buffer.alloc(0), sentBytes: 0 }
  return { ...nothing, recordReads: 0, costMs: 0, delayMs: 0, connection }
}

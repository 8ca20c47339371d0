import { parseCardConfig } from '../../src/card/card-config.ts'
import { at } from '../../src/model/at.ts'
import type { DevicePasswords } from '../../src/simulator/answer-status.ts'
import { type DeviceAnswer, noAnswer } from '../../src/simulator/device-answer.ts'
import { type Firmware, NEWEST_FIRMWARE } from '../../src/simulator/firmware.ts'
import { createPlainDevice, type PlainDevice, type PlainDeviceOptions } from '../../src/simulator/plain-device.ts'
import type { DeviceRequest } from '../../src/simulator/request-arguments.ts'
import type { SpoilCell } from '../../src/simulator/run-query.ts'
import { createCounters, type DeviceCounters } from './device-counters.ts'
import { answerInstead, damageAnswer, type FaultHook } from './device-fault.ts'
import { createDigestLogin } from './digest-login.ts'
import { addChannel, removeChannel, renameChannel, setOutput } from './edit-config.ts'

export interface SimulatedDeviceOptions extends Omit<PlainDeviceOptions, 'variant' | 'onStart'> {
  /** How long after a start the History log is opened. */
  readonly historyOpensAfterMs?: number
  readonly passwords?: DevicePasswords
  /** Left out: the newest. */
  readonly firmware?: Firmware
  /** Its hardware address; left out: the one of its source. */
  readonly mac?: string
  readonly before?: FaultHook
  readonly spoilCell?: SpoilCell
}

/** A device in the hands of a test: all can happen to it. */
export interface SimulatedDevice extends PlainDevice {
  /** The device's clock. */
  nowMs(): number
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
  /** Whether it answers of the past; soon after a start it does not. */
  isHistoryOpen(): boolean
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

export function createSimulatedDevice(options: SimulatedDeviceOptions): SimulatedDevice {
  const { clock, historyOpensAfterMs = 0, passwords = {} } = options
  let offsetMs = 0
  const nowMs = () => clock.nowMs() + offsetMs
  let { before, spoilCell, firmware = NEWEST_FIRMWARE, mac = options.source.mac } = options
  const readings = new Map<string, number>()
  let logStoppedMs: number | undefined
  let offSinceMs: number | undefined
  // By the true clock: the firmware counts from its start.
  let historyOpensMs = (options.startedAtMs ?? nowMs()) + historyOpensAfterMs
  let { configText } = options.source
  let config = parseCardConfig(configText)

  const source: PlainDeviceOptions['source'] = {
    ...options.source,
    logsAt: (atMs) => options.source.logsAt(logStoppedMs ?? atMs),
    isOn: (atMs) => offSinceMs === undefined && options.source.isOn(atMs),
  }
  const counters = createCounters(nowMs)
  const login = createDigestLogin({ passwords, realm: () => device.name, nowMs })
  const device = createPlainDevice({
    ...options,
    source,
    clock: { nowMs },
    variant: ({ current, history }) => {
      const logs = { current, history: isHistoryOpen() ? history : undefined }
      const { authorize } = login
      return { config, configText, logs, authorize, passwords, firmware, mac, readings, spoilCell }
    },
    onStart(atMs) {
      historyOpensMs = atMs - offsetMs + historyOpensAfterMs
      login.forget()
    },
  })

  function isHistoryOpen(): boolean {
    return clock.nowMs() >= historyOpensMs
  }

  function setConfig(text: string): void {
    configText = text
    config = parseCardConfig(text)
  }

  function answer(request: DeviceRequest): DeviceAnswer {
    const fault = before?.(request)
    if (!device.isOn() || fault?.kind === 'refused') return noAnswer('refused')
    if (fault?.kind === 'reset-before') return noAnswer('reset')
    const answered = (fault && answerInstead(fault)) ?? device.answer(request)
    counters.count(at(request.url.split('?'), 0), answered)
    if (fault === undefined || answered.connection !== 'close') return answered
    if (fault.kind === 'restart') device.reboot()
    return damageAnswer(answered, fault)
  }

  return {
    ...device,
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
      device.reboot()
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
        device.reboot(0)
      }
    },
    isHistoryOpen,
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

import { createHash } from 'node:crypto'
import type { CardInput } from '../card/card-config.ts'
import type { DeviceLogs } from '../card/read-logs.ts'

/** What a simulated device measures: the card of a real one, or a house that is made up. Times in Unix ms. */
export interface DeviceSource {
  readonly configText: string
  /** The hardware address of the device that measures it. */
  readonly mac: string
  /** The logs as they stand at a time. */
  logsAt(nowMs: number): Required<{ [Log in keyof DeviceLogs]: NonNullable<DeviceLogs[Log]> }>
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

/** The vendor of the device's Wi-Fi chip. */
const VENDOR = '5C:CF:7F'

/** A hardware address as the firmware prints it: another seed, another device. */
export function makeMac(seed: string): string {
  const digits = createHash('sha256').update(seed).digest('hex').slice(0, 6).toUpperCase()
  return [VENDOR, ...(digits.match(/../g) ?? [])].join(':')
}

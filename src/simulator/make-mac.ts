import { createHash } from 'node:crypto'

/** The vendor of the device's Wi-Fi chip. */
const VENDOR = '5C:CF:7F'

/** A hardware address as the firmware prints it: another seed, another device. */
export function makeMac(seed: string): string {
  const digits = createHash('sha256').update(seed).digest('hex').slice(0, 6).toUpperCase()
  return [VENDOR, ...(digits.match(/../g) ?? [])].join(':')
}

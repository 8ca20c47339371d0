import type { Reading } from './text-setting.ts'

export const DEVICE_LOAD = 'a percentage from 1% to 100%, such as 25%'

/** The share of its time that a device may spend answering, 0.01 to 1. */
export function readDeviceLoad(text: string): Reading<number> {
  const percent = Number(/^(\d{1,3})%$/.exec(text)?.[1] ?? 0)
  return percent >= 1 && percent <= 100 ? { value: percent / 100 } : { expected: DEVICE_LOAD }
}

import type { PassReport } from './sync-device.ts'
import { count, formatSpan } from '../../runtime/plural.ts'

/** `iwatt5: 5 rows, 70 samples, lag 12 s, took 0.4 s` */
export function describePass({ deviceName, rowCount, sampleCount, lagMs, durationMs }: PassReport): string {
  return `${deviceName}: ${count(rowCount, 'row')}, ${count(sampleCount, 'sample')}, lag ${formatSpan(lagMs)}, took ${(durationMs / 1000).toFixed(1)} s`
}

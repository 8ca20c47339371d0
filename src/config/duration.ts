import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time-window.ts'

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS }

/** `90s`, `5m`, `12h`, `30d`, `2w` in ms; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,9})([smhdw])$/.exec(text) ?? []
  const unitMs = UNIT_MS[unit ?? '']
  return unitMs === undefined ? undefined : Number(count) * unitMs
}

export function formatDuration(durationMs: number): string {
  const [unit, unitMs] = Object.entries(UNIT_MS)
    .filter(([name, ms]) => name !== 'w' && durationMs % ms === 0)
    .at(-1) ?? ['ms', 1]
  return `${durationMs / unitMs}${unit}`
}

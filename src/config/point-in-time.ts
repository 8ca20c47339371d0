const POINT_IN_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:?\d\d)?)?$/i

/**
 * `2021-09-18`, `2021-09-18T06:30`, `2021-09-18T06:30:00-04:00` in Unix ms. Without a zone it is what `instantMs` makes of
 * the time that UTC shows so; UTC, where that is left out.
 */
export function parsePointInTime(text: string, instantMs = (localMs: number) => localMs): number | undefined {
  const match = POINT_IN_TIME.exec(text)
  if (!match) return undefined
  const part = (group: number) => Number(match[group] ?? 0)
  const local = [part(1), part(2) - 1, part(3), part(4), part(5), part(6)] as const
  const localMs = Date.UTC(...local)
  const date = new Date(localMs)
  const parts = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCHours()]
  const exists = [...parts, date.getUTCMinutes(), date.getUTCSeconds()].every((one, index) => one === local[index])
  if (exists && match[7] === undefined) return instantMs(localMs)
  const offsetMs = zoneOffsetMs(match[7])
  return exists && offsetMs !== undefined ? localMs - offsetMs : undefined
}

function zoneOffsetMs(zone = 'Z'): number | undefined {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? []
  if (sign === undefined) return 0
  if (Number(hours) > 14 || Number(minutes) > 59) return undefined
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

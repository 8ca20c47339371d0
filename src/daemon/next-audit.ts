const AUDIT_AT = { hours: 3, minutes: 30 }

/** The next night, by the local time of this machine: when little goes on in a house, measuring is missed least. */
export function nextAuditMs(nowMs: number): number {
  const next = new Date(nowMs)
  next.setHours(AUDIT_AT.hours, AUDIT_AT.minutes, 0, 0)
  if (next.getTime() <= nowMs) next.setDate(next.getDate() + 1)
  return next.getTime()
}

/** Whether the audit that begins then counts everything, and not the look-back alone. */
export function isFullAudit(atMs: number): boolean {
  return new Date(atMs).getDate() === 1
}

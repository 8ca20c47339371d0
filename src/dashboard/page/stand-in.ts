import type { House, Status } from '../api/answers.ts'

const TIMEZONE = Intl.DateTimeFormat().resolvedOptions().timeZone

const status: Status = {
  nowMs: Date.now(),
  startedAtMs: Date.now(),
  version: '',
  isDemo: false,
  timezone: TIMEZONE,
  maxAgeMs: Infinity,
  intervalMs: 0,
  store: { name: '', state: 'starting' },
  devices: [],
  sums: { state: 'ready', doneDays: 0, totalDays: 0 },
}

const house: House = {
  timezone: TIMEZONE,
  wiring: 'ahead',
  isConfigured: false,
  hasMains: true,
  hasSolar: true,
  channels: [],
  groups: [],
  labelNames: [],
}

/** What the frame of a view is drawn with until the house is known; with it, views ask nothing. */
export const STAND_IN = { status, house, isStandIn: true }

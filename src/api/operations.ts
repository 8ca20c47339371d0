import type * as z from 'zod'
import { channelCoverage, coverage, dayCoverage } from './coverage.ts'
import { coverageEvent, cycleEvent, devices, job, jobs, loggedEvent, recentEvents, status } from './daemon.ts'
import { consumers, energy, hours } from './energy.ts'
import { house, liveEvent, now, power, timeline } from './house.ts'
import { bills, costs, tariffs } from './money.ts'
import {
  billsQuery,
  channelDaysQuery,
  comparedQuery,
  dayQuery,
  devicePath,
  hoursQuery,
  jobPath,
  jobRequest,
  limitQuery,
  pauseRequest,
  powerQuery,
  spanQuery,
  timelineQuery,
} from './requests.ts'
import { previewRequest, saveRequest, setup, setupPreview, setupSaved } from './setup.ts'
import { type problem, text, type Read } from './values.ts'

export interface Operation {
  /** Left out: get. */
  readonly method?: 'get' | 'post'
  readonly path: `/${string}`
  readonly summary?: string
  readonly description?: string
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  readonly bodyExamples?: Readonly<Record<string, unknown>>
  /** What the answer is, in a sentence. */
  readonly gives: string
  readonly answer: z.ZodType
  /** Left out: 200. */
  readonly status?: 200 | 202
  /** Left out: JSON. */
  readonly mediaType?: 'text/csv' | 'text/event-stream' | 'text/plain'
  /** The answer has an ETag that who asks again may send. */
  readonly hasTag?: true
}

/** What `/api/v1/events` sends, by the name of the event. */
export const EVENTS = {
  status: { data: status, when: 'the state of a device or of the store has changed, and after each sync cycle' },
  pass: { data: cycleEvent, when: 'a sync cycle has ended: the newest minute of each of its channels' },
  coverage: { data: coverageEvent, when: 'minutes there are stored and confirmed: what shows them asks again' },
  job: { data: job, when: 'a job has begun, moved on or ended' },
  live: {
    data: liveEvent,
    when: 'the devices were asked for their present watts: every `web.live` while there is a stream, and at once. They are not stored, and are no part of any sum',
  },
  event: { data: loggedEvent, when: 'a line for the list of events' },
} as const

const ABOUT_EVENTS = `\
A comment every 10 s shows that the connection is alive. At most 16 streams; one more is answered 503. A stream begins
with a \`status\`. Events, each with JSON as its data:

| event | data | when |
| --- | --- | --- |
${Object.entries(EVENTS)
  .map(([name, { data, when }]) => `| \`${name}\` | ${data.meta()?.id} | ${when} |`)
  .join('\n')}
`

const HOUSE_EXAMPLE = {
  timezone: 'America/New_York',
  mains: ['Mains_1', 'Mains_2'],
  solar: ['SolarA_1'],
  wiring: 'ahead',
  groups: { Laundry: ['Dryer'] },
  names: { Dryer: 'Tumble dryer' },
  colours: { Laundry: 'blue' },
}

const MONEY_EXAMPLE = {
  currency: 'USD',
  billing: { day: 14 },
  tariffs: [
    {
      name: 'Time of use',
      import: [
        { name: 'Off-peak', price: 0.25 },
        { name: 'On-peak', price: 0.45, hours: '16-21', days: 'Mon-Fri' },
      ],
      fixed: { perDay: 0.39 },
    },
    { kept: 1 },
  ],
}

/** All that is asked of the daemon over HTTP. */
export const OPERATIONS = {
  status: {
    path: '/api/v1/status',
    summary: 'Whether all is well; what the line under the timeline shows',
    gives: 'The present state',
    answer: status,
  },
  house: {
    path: '/api/v1/house',
    summary: 'Channels with their roles, labels and groups',
    gives: 'The house as configured, or as its labels describe it',
    answer: house,
  },
  tape: {
    path: '/api/v1/tape',
    summary: 'The timeline: the minutes of the last day, one lane per device',
    query: timelineQuery,
    gives: 'States, minute by minute',
    answer: timeline,
  },
  now: {
    path: '/api/v1/now',
    summary: 'The newest minute, the last hour and today',
    gives: 'All that the view Now shows',
    answer: now,
  },
  power: {
    path: '/api/v1/power',
    summary: 'Watts over a span',
    query: powerQuery,
    gives: 'At most 1,500 points per column',
    answer: power,
    hasTag: true,
  },
  powerCsv: {
    path: '/api/v1/power.csv',
    summary: 'Watts over a span as a table',
    query: powerQuery,
    gives:
      'One line per point: `time` (local, with its offset), `house_watts`, `solar_watts`, `grid_watts` (from the grid is positive), `unmetered_watts`, then `<channel>_watts`; empty where nothing is known',
    mediaType: 'text/csv',
    answer: text.meta({
      example:
        'time,house_watts,solar_watts,grid_watts,unmetered_watts,Dryer_watts\r\n2026-03-27T13:39:00-04:00,1640,5100,-3460,75,1\r\n',
    }),
  },
  energy: {
    path: '/api/v1/energy',
    summary: 'Watt-hours of a span by hour, day, month or year, beside the period before',
    query: comparedQuery,
    gives: 'One bar per point',
    answer: energy,
    hasTag: true,
  },
  energyCsv: {
    path: '/api/v1/energy.csv',
    summary: 'The bars as a table, with every channel',
    query: spanQuery,
    gives:
      'One line per bar: `from` (local, with its offset), `house_kwh`, `solar_kwh`, `solar_used_kwh`, `from_grid_kwh`, `to_grid_kwh`, `unmetered_kwh`, then `<channel>_kwh`',
    mediaType: 'text/csv',
    answer: text.meta({
      example:
        'from,house_kwh,solar_kwh,solar_used_kwh,from_grid_kwh,to_grid_kwh,unmetered_kwh,Dryer_kwh\r\n2026-03-01T00:00:00-05:00,71.2,22.1,17.9,53.3,4.2,2.1,0.3\r\n',
    }),
  },
  consumers: {
    path: '/api/v1/consumers',
    summary: 'What each channel used in a span, and at which hours of the day',
    query: comparedQuery,
    gives: 'One row per channel, to be grouped by group or label',
    answer: consumers,
    hasTag: true,
  },
  hours: {
    path: '/api/v1/hours',
    summary: 'Mean watts of the house (or of one channel) for every hour of every day of a span',
    query: hoursQuery,
    gives: 'One row per local day',
    answer: hours,
    hasTag: true,
  },
  tariffs: {
    path: '/api/v1/tariffs',
    summary: 'What energy costs: prices of typical days, and the price of the moment',
    gives: 'The tariffs of the configuration; none where there are none',
    answer: tariffs,
  },
  bills: {
    path: '/api/v1/bills',
    summary: 'The running bill and those before it, or some days as one bill',
    query: billsQuery,
    gives: 'Bills, computed from the minutes that are stored; none where no tariff is configured',
    answer: bills,
    hasTag: true,
  },
  billsCsv: {
    path: '/api/v1/bills.csv',
    summary: 'The same bills as a table',
    query: billsQuery,
    gives: 'One line per line of a bill, the last of each is the total',
    mediaType: 'text/csv',
    answer: text.meta({
      example:
        'tariff,from,to,days,kind,name,kwh,kw,at,lineDays,price,amount\r\nFlat,2026-03-01,2026-04-01,31,import,Import,412.2,,,,0.31,127.782\r\n',
    }),
  },
  costs: {
    path: '/api/v1/costs',
    summary: 'What the energy of a span cost, by bar, period and circuit',
    query: comparedQuery,
    gives: 'The bars of `/api/v1/energy` in money; without lines where no tariff is in force',
    answer: costs,
    hasTag: true,
  },
  costsCsv: {
    path: '/api/v1/costs.csv',
    summary: 'The bars in money as a table',
    query: spanQuery,
    gives:
      'One line per bar: `from` (local, with its offset), `import_cost`, `export_cost`, `fixed_cost`, then `<kind>_<name>_<price>`',
    mediaType: 'text/csv',
    answer: text.meta({
      example:
        'from,import_cost,export_cost,fixed_cost,import_Peak_0.45\r\n2026-03-01T00:00:00-05:00,4.2,-0.3,0.39,1.2\r\n',
    }),
  },
  coverage: {
    path: '/api/v1/coverage',
    summary: 'Every local day of every device, and the gaps',
    gives: 'The worst minute of a day decides',
    answer: coverage,
  },
  channelCoverage: {
    path: '/api/v1/coverage/channels',
    summary: 'Channels by days',
    query: channelDaysQuery,
    gives: 'One row per channel',
    answer: channelCoverage,
  },
  dayCoverage: {
    path: '/api/v1/coverage/day',
    summary: 'The minutes of one local day',
    query: dayQuery,
    gives: 'Runs of minutes',
    answer: dayCoverage,
  },
  devices: {
    path: '/api/v1/devices',
    summary: 'The columns of the view Devices',
    gives: 'One column per device, and one for the store',
    answer: devices,
  },
  recentEvents: {
    path: '/api/v1/recent-events',
    summary: 'What has happened, newest first',
    query: limitQuery,
    gives: 'Events since the daemon started, at most 500',
    answer: recentEvents,
  },
  events: {
    path: '/api/v1/events',
    summary: 'What changes, as server-sent events',
    description: ABOUT_EVENTS,
    gives: 'A stream that does not end',
    mediaType: 'text/event-stream',
    answer: text.meta({
      example:
        'event: pass\ndata: {"device":"iwatt6","storedUntilMs":1774633200000,"atMs":1774633140000,"watts":{"Office":179,"Furnace":4}}\n',
    }),
  },
  jobs: {
    path: '/api/v1/jobs',
    summary: 'Jobs that wait, run or have ended since the start, newest first, at most 50',
    gives: 'The jobs',
    answer: jobs,
  },
  startJob: {
    method: 'post',
    path: '/api/v1/jobs',
    summary: 'Copies the minutes of a gap, or looks for gaps again',
    body: jobRequest,
    bodyExamples: {
      repair: { kind: 'repair', device: 'iwatt6', fromMs: 1774617120000, untilMs: 1774619940000 },
      check: { kind: 'check', device: 'iwatt5' },
    },
    gives: 'It waits for its turn with the device; sync cycles come first',
    status: 202,
    answer: job,
  },
  job: { path: '/api/v1/jobs/{id}', params: jobPath, gives: 'The job', answer: job },
  stopJob: {
    method: 'post',
    path: '/api/v1/jobs/{id}/stop',
    summary: 'Ends it after its present batch of rows; what is stored stays',
    params: jobPath,
    gives: 'The job, `stopped` unless it had ended before',
    answer: job,
  },
  pauseHistory: {
    method: 'post',
    path: '/api/v1/devices/{name}/history',
    summary: 'Pauses or resumes the backfill of a device, until the daemon ends',
    params: devicePath,
    body: pauseRequest,
    bodyExamples: { pause: { paused: true } },
    gives: 'The status after it',
    answer: status,
  },
  setup: {
    path: '/api/v1/setup',
    summary: 'What is needed to set up the house: what the file says, the channels, and what they seem to be',
    gives: 'The sections of the house and of money in the configuration file, and proposals',
    answer: setup,
  },
  previewSetup: {
    method: 'post',
    path: '/api/v1/setup/preview',
    summary: 'What the house would be with other settings; changes nothing',
    body: previewRequest,
    bodyExamples: { preview: { house: HOUSE_EXAMPLE } },
    gives: 'The lines for the file, mistakes, and what Now would show',
    answer: setupPreview,
  },
  saveSetup: {
    method: 'post',
    path: '/api/v1/setup',
    summary:
      'Writes the sections of the house and of money into the configuration file, and has the daemon read it again',
    body: saveRequest,
    bodyExamples: {
      save: { fingerprint: '3a7bd3e2360a3d29eea436fcfb7e44c7', house: HOUSE_EXAMPLE, money: MONEY_EXAMPLE },
    },
    gives:
      'The file is written; the daemon then starts again with it, or goes on as before if it cannot: `isInUse` of the setup tells',
    status: 202,
    answer: setupSaved,
  },
  metrics: {
    path: '/metrics',
    summary: 'Metrics of the daemon in the Prometheus text format',
    gives: 'See docs/metrics.md',
    mediaType: 'text/plain',
    answer: text.meta({ example: 'iotawatt_sync_lag_seconds{device="iwatt5"} 121\n' }),
  },
} as const satisfies Readonly<Record<string, Operation>>

type Operations = typeof OPERATIONS
/** By operation; `problem`: what is answered where it fails. */
export type Answers = { readonly [Name in keyof Operations]: Read<Operations[Name]['answer']> } & {
  readonly problem: Read<typeof problem>
}

export type Events = { readonly [Name in keyof typeof EVENTS]: Read<(typeof EVENTS)[Name]['data']> }

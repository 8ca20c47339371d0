import { z } from 'zod'
import { ceilToMinute, DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time-window.ts'
import { UNITS } from '../model/unit.ts'
import { LOG_FORMATS, LOG_LEVELS } from './config.ts'
import { formatDuration, parseDuration } from './duration.ts'
import { parsePointInTime } from './point-in-time.ts'
import { readLabelPattern } from './read-label-pattern.ts'
import { readListenAddress } from './read-listen-address.ts'
import { readUrl } from './read-url.ts'
import type { Reading } from './reading.ts'
import { textSetting } from './text-setting.ts'

const flag = (description: string, byDefault: boolean) =>
  z.boolean({ error: 'true or false' }).meta({ description, default: byDefault })

const name = (what: string, description: string) =>
  z
    .string({ error: what })
    .regex(/^(?!\s)(?!.*\s$)[^\p{Cc}]{1,200}$/u, { error: `${what}: 1 to 200 characters, no space at either end` })
    .meta({ description })

const choice = <const T extends readonly [string, ...string[]]>(choices: T, description: string) =>
  z.enum(choices, { error: `one of ${choices.join(', ')}` }).meta({ description })

function duration({ description, byDefault, fromMs, untilMs }: DurationOptions) {
  const expected = `a duration in whole minutes from ${formatDuration(fromMs)} to ${formatDuration(untilMs)}, such as ${byDefault}`
  return textSetting({
    description,
    expected,
    default: byDefault,
    pattern: '^\\d{1,9}[smhdw]$',
    read: (text): Reading<number> => {
      const ms = parseDuration(text)
      const usable = ms !== undefined && ms % MINUTE_MS === 0 && ms >= fromMs && ms <= untilMs
      return usable ? { value: ms } : { expected }
    },
  })
}

interface DurationOptions {
  readonly description: string
  readonly byDefault: string
  readonly fromMs: number
  readonly untilMs: number
}

const DATE = 'a date such as 2021-09-18, or a time such as 2021-09-18T06:30Z (UTC where no zone is given)'
const since = (description: string) =>
  textSetting({
    description,
    expected: DATE,
    examples: ['2021-09-18', '2021-09-18T06:30-04:00'],
    read: (text): Reading<number> => {
      const ms = parsePointInTime(text)
      return ms === undefined ? { expected: DATE } : { value: ceilToMinute(ms) }
    },
  })

const url = (description: string, example: string) =>
  textSetting({ description, expected: `an address such as ${example}`, examples: [example], read: readUrl })

const secretText = (description: string) =>
  z.string({ error: 'text, in quotes' }).min(1, { error: 'text, in quotes' }).meta({ description })

const filePath = (description: string) =>
  z.string({ error: 'the path of a file' }).min(1, { error: 'the path of a file' }).meta({ description })

const METRIC = 'a metric name: letters, digits, _ and :, no digit first'
const metric = (description: string) =>
  z
    .string({ error: METRIC })
    .regex(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,199}$/, { error: METRIC })
    .meta({ description })

const CHANNEL_NAME =
  'the name of a channel as the device lists it; one that holds . , " \\ or is time cannot be asked for: rename it on the device'
const channelName = z
  .string({ error: CHANNEL_NAME })
  .regex(/^(?!\s)(?!.*\s$)(?!time$)[^.,"\\\p{Cc}]{1,100}$/u, { error: CHANNEL_NAME })
  .meta({ description: 'Its name on the device. Case counts.' })

const channel = z.strictObject(
  {
    name: channelName,
    location: name(
      'a text that names the series',
      'Its `location` label; stays when the device renames it. Default: its name.',
    ).optional(),
    unit: choice(UNITS, 'What it is read in. Default: watts.').optional(),
    metric: metric('The metric of its series. Default: `metric` for watts, else one for each unit.').optional(),
    since: since('Nothing before is wanted, and from here on a 0 is a 0.').optional(),
  },
  { error: 'the name of a channel, or a mapping with name, location, unit, metric, since' },
)

const device = z.strictObject(
  {
    name: name('a name', 'The `device` label of its series: its identity, whatever the device calls itself.'),
    url: url('Its address.', 'http://iotawatt.local'),
    since: since('Nothing before is wanted. Default: the first record of its log.').optional(),
    username: name('a user of the device', 'The user, where the device asks for one. Default: admin.').optional(),
    password: secretText('Its password. Better: passwordFile, or the environment.').optional(),
    passwordFile: filePath('A file that holds the password.').optional(),
    channels: z
      .array(z.union([channelName, channel]), { error: 'a list of channels' })
      .min(1, { error: 'at least one channel; leave the key out for every input in watts' })
      .meta({ description: 'What to copy. Default: every input that the device lists in watts.' })
      .optional(),
  },
  { error: 'a mapping with name and url' },
)

const store = z
  .strictObject(
    {
      type: choice(
        ['victoriametrics', 'embedded'],
        'Default: victoriametrics where an address is given, else embedded.',
      ).optional(),
      url: url('Address of a single-node VictoriaMetrics.', 'http://victoriametrics:8428').optional(),
      writeUrl: url('Where a cluster is written.', 'http://vminsert:8480/insert/0/prometheus').optional(),
      readUrl: url('Where a cluster is asked.', 'http://vmselect:8481/select/0/prometheus').optional(),
      username: name('a user', 'The user of basic authentication.').optional(),
      password: secretText('Its password. Better: passwordFile, or the environment.').optional(),
      passwordFile: filePath('A file that holds the password.').optional(),
      token: secretText('A bearer token. Better: tokenFile, or the environment.').optional(),
      tokenFile: filePath('A file that holds the bearer token.').optional(),
      headers: z
        .record(
          z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, { error: 'the name of a header' }),
          z.string({ error: 'text, in quotes' }).regex(/^[^\r\n\0]+$/, { error: 'text in one line' }),
          { error: 'a mapping of header names to texts' },
        )
        .meta({ description: 'Sent with every request, such as X-Scope-OrgID. Treated as secret.' })
        .optional(),
      caFile: filePath('Certificates (PEM) to trust beside the usual ones.').optional(),
      allowDuplicates: flag(
        'Write also where writes are buffered (a cluster, an agent, a proxy) and nothing removes doubled samples.',
        false,
      ).optional(),
    },
    { error: 'a mapping such as { url: http://victoriametrics:8428 }' },
  )
  .meta({ description: 'Where the samples go. Default: embedded, in stateDir.' })

const LABEL_NAME =
  'a label name: letters, digits and _, no digit first, no __ first; device and location stay as they are'
const rule = z.strictObject(
  {
    match: textSetting({
      description: 'Which locations: a glob over the whole name (* and ?), or a regular expression between slashes.',
      expected: 'a pattern such as "Mains*" or "/^ev/i"',
      examples: ['Mains*', '/heat$/i'],
      read: readLabelPattern,
    }),
    set: z
      .record(
        z.string().regex(/^(?!__|(?:device|location)$)[a-zA-Z_][a-zA-Z0-9_]{0,199}$/, { error: LABEL_NAME }),
        z.string({ error: 'text, in quotes' }).regex(/^[^]{1,1000}$/, { error: 'text of 1 to 1000 characters' }),
        { error: 'a mapping of label names to texts, such as { type: Circuit }' },
      )
      .meta({ description: 'The labels that it adds; of rules that match, a later one wins.' }),
  },
  { error: 'a mapping with match and set' },
)

const LOAD = 'a percentage from 1% to 100%, such as 25%'
const maxDeviceLoad = textSetting({
  description: 'The share of its time that a device may spend answering: it does not measure while it answers.',
  expected: LOAD,
  default: '25%',
  pattern: '^\\d{1,3}%$',
  read: (text): Reading<number> => {
    const percent = Number(/^(\d{1,3})%$/.exec(text)?.[1] ?? 0)
    return percent >= 1 && percent <= 100 ? { value: percent / 100 } : { expected: LOAD }
  },
})

const web = z
  .strictObject(
    {
      listen: textSetting({
        description: 'Where API, dashboard, health and metrics are served.',
        expected: 'host:port such as 127.0.0.1:8480',
        default: '127.0.0.1:8480',
        read: readListenAddress,
      }).optional(),
      maxAge: duration({
        description: 'A device whose newest sample is older counts as unhealthy.',
        byDefault: '15m',
        fromMs: MINUTE_MS,
        untilMs: 30 * DAY_MS,
      }).optional(),
    },
    { error: 'a mapping with listen and maxAge' },
  )
  .meta({ description: 'One listener for API, dashboard, /healthz, /readyz and /metrics.' })

const log = z
  .strictObject(
    {
      level: choice(LOG_LEVELS, 'The least important line that is written. Default: info.').optional(),
      format: choice(LOG_FORMATS, 'Default: auto, text on a terminal and JSON lines elsewhere.').optional(),
    },
    { error: 'a mapping with level and format' },
  )
  .meta({ description: 'What is logged, and how.' })

/** The file as people write it; every text of it described for editors, every mistake as what was expected. */
export const fileSchema = z
  .strictObject(
    {
      store: store.optional(),
      stateDir: filePath('The folder of the lock, the embedded store and backups.')
        .meta({ default: './data' })
        .optional(),
      interval: duration({
        description: 'How often the daemon copies what is new.',
        byDefault: '5m',
        fromMs: MINUTE_MS,
        untilMs: DAY_MS,
      }).optional(),
      lookback: duration({
        description: 'How far back the newest sample of a series is looked for first.',
        byDefault: '30d',
        fromMs: HOUR_MS,
        untilMs: 3650 * DAY_MS,
      }).optional(),
      chunk: duration({
        description: 'History is copied in pieces of this length.',
        byDefault: '7d',
        fromMs: HOUR_MS,
        untilMs: 31 * DAY_MS,
      }).optional(),
      backfill: flag(
        'Whether the daemon also copies what is missing since `since`, in the background.',
        true,
      ).optional(),
      maxDeviceLoad: maxDeviceLoad.optional(),
      metric: metric('The metric of channels in watts.').meta({ default: 'power' }).optional(),
      web: web.optional(),
      log: log.optional(),
      devices: z
        .array(device, { error: 'a list of devices, each with name and url' })
        .min(1, { error: 'at least one device' })
        .meta({ description: 'The IoTaWatts.' }),
      labels: z
        .array(rule, { error: 'a list of rules, each with match and set' })
        .meta({
          description:
            'Labels by location; all rules that match apply, in order. Default: the rules of the original system.',
        })
        .optional(),
    },
    { error: 'a mapping of settings, with devices at least' },
  )
  .meta({ title: 'iotawatt-sync' })

export type ConfigFile = z.infer<typeof fileSchema>

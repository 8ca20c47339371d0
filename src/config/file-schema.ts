import * as z from 'zod'
import { addressBlock } from '../model/address-block.ts'
import { HOUSE_COLOURS, WIRINGS } from '../model/house-views.ts'
import { alertsSchema } from './alerts-schema.ts'
import { defaultsSchema, DEVICE_LIST, deviceSchema } from './device-schema.ts'
import {
  choice,
  DEVICE_LOAD,
  duration,
  durationOrOff,
  filePath,
  flag,
  isAncestor,
  mapping,
  metric,
  readDeviceLoad,
  type Reading,
  readListenAddress,
  text,
  textSetting,
  webToken,
} from './setting-kinds.ts'
import { readShard, SHARD } from './shard.ts'
import { storeSchema } from './store-schema.ts'
import { billingSchema, currencySchema, holidaysSchema, tariffsSchema } from './tariff-schema.ts'

/** A glob, or a regular expression between slashes that compiles. */
function readLabelPattern(text: string): Reading<string> {
  if (text === '') return { expected: 'a pattern such as "Mains*" or "/^ev/i"' }
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/s.exec(text) ?? []
  try {
    if (source !== undefined) new RegExp(source, flags)
    return { value: text }
  } catch (error) {
    // Before the reason, the message repeats the pattern.
    const why = error instanceof Error ? error.message.split(': ').at(-1) : String(error)
    return { expected: `a regular expression between slashes that compiles (${why})` }
  }
}

const RULE_LABEL_NAME =
  'a label name: letters, digits and _, no digit first, no __ first; device and location stay as they are'
const labelRuleSchema = mapping({
  match: textSetting({
    description: 'Which locations: a glob over the complete name (* and ?), or a regular expression between slashes.',
    expected: 'a pattern such as "Mains*" or "/^ev/i"',
    examples: ['Mains*', '/heat$/i'],
    read: readLabelPattern,
  }),
  set: z
    .record(
      z.string().regex(/^(?!__|(?:device|location)$)[a-zA-Z_][a-zA-Z0-9_]{0,199}$/, { error: RULE_LABEL_NAME }),
      z
        .string({ error: 'text, in quotes' })
        .regex(/^[^\p{Cs}\0-\x02]{1,1000}$/u, { error: 'text of 1 to 1000 characters' }),
      { error: 'a mapping of label names to texts, such as { type: Circuit }' },
    )
    .meta({ description: 'The labels that it adds; of rules that match, a later one wins.' }),
})

const PROXY = 'an IP address such as 172.30.32.2, or a network such as 172.30.32.0/23'
const ANCESTOR = 'self, or the address of a server such as https://home.example.org, without a path'
const HOST = 'a host name such as energy.example.org, without http:// and port'

const webSchema = mapping({
  listen: textSetting({
    description:
      'Where the page, the API, metrics and health are served. `:8480` is every address of the machine, and wants a token.',
    expected: 'host:port such as 127.0.0.1:8480',
    read: readListenAddress,
  }).prefault('127.0.0.1:8480'),
  maxAge: duration(
    '`/readyz` answers 503 while the newest stored minute of a device is older, or as far ahead of the clock here.',
    '15m',
    ['1m', '30d'],
  ),
  live: durationOrOff(
    'How often the devices are asked for their present watts, while the page or another reader of `/api/v1/events` is open.',
    '5s',
    ['1s', '5m'],
  ),
  deviceMetrics: flag(
    'Whether `/metrics` tells of each device where there are more than 200, too; else of all of them together.',
    false,
  ),
  token: webToken(
    'What everything but health wants, 16 characters at least. Better: tokenFile, or the environment.',
  ).optional(),
  tokenFile: filePath('A file that holds the token.').optional(),
  allowedHosts: z
    .array(z.string({ error: HOST }).regex(/^[\w-]+(\.[\w-]+)*\.?$/, { error: HOST }), {
      error: `a list of names, each ${HOST}`,
    })
    .meta({ description: 'Names under which it is asked, beside `localhost` and the host of `web.listen`.' })
    .prefault([]),
  trustedProxies: z
    .array(
      z.string({ error: PROXY }).refine((text) => addressBlock(text) !== undefined, { error: PROXY }),
      { error: `a list, each ${PROXY}` },
    )
    .meta({
      description:
        'Proxies whose `X-Forwarded-Prefix` and `X-Ingress-Path` count: the path below which they serve the page.',
      examples: [['172.30.32.2']],
    })
    .prefault([]),
  frameAncestors: z
    .array(z.string({ error: ANCESTOR }).refine(isAncestor, { error: ANCESTOR }), { error: `a list, each ${ANCESTOR}` })
    .meta({
      description:
        'Pages that may show the page in a frame: `self` is a page of the same address, as that of Home Assistant with its ingress.',
      examples: [['self', 'https://home.example.org']],
    })
    .prefault([]),
}).meta({ description: 'The listener for the page, the API, /metrics, /healthz and /readyz.' })

/** A text whose only braces are the words that stand for something of a channel. */
function readTemplate(expected: string, minLength = 1): (text: string) => Reading<string> {
  return (text) => {
    const rest = text.replace(/\{(location|name|device)\}/g, '')
    const isFine = text.length >= minLength && text.length <= 1_000 && !/[{}\p{Cc}]/u.test(rest)
    return isFine ? { value: text } : { expected }
  }
}

const METRIC = 'the name of a metric, in which {location}, {name} and {device} stand for those of a channel'
const VALUE = 'text, in which {location}, {name} and {device} stand for those of a channel'
const LABEL_NAME = 'a label name: letters, digits and _, no digit first, no __ first'

/** Where the series are that another program left in the store. */
const migrateSchema = mapping({
  metric: textSetting({
    description:
      'The metric that another program gave a channel; `{location}`, `{name}` and `{device}` stand for those of the channel.',
    expected: METRIC,
    read: readTemplate(METRIC),
  }).prefault('Power_{location}'),
  labels: z
    .record(
      z.string().regex(/^(?!__)[a-zA-Z_][a-zA-Z0-9_]{0,199}$/, { error: LABEL_NAME }),
      textSetting({ description: 'The value of this label.', expected: VALUE, read: readTemplate(VALUE, 0) }),
      { error: 'a mapping of label names to texts, such as { host: "{device}" }' },
    )
    .meta({
      description:
        'Labels that such a series must have, with the same words in braces; `""` is a label that it does not have.',
      examples: [{ host: '{device}' }],
    })
    .prefault({}),
}).meta({ description: 'Which series of another program `migrate` reads.' })

const ZONE = 'a time zone such as Europe/Berlin or America/New_York'
const SELECTOR = 'labels that a channel must have, such as { pair: Mains }, or a list of locations'
const LOCATION = 'a location, in quotes'
const locationKey = z.string().min(1, { error: LOCATION })
const SHOWN_NAME = 'a name of 1 to 60 characters, without spaces at its ends'

const selector = (description: string) =>
  z
    .union(
      [
        z.record(z.string(), z.string({ error: 'text, in quotes' }), { error: SELECTOR }),
        z.array(z.string({ error: LOCATION }).min(1, { error: LOCATION }), { error: SELECTOR }),
      ],
      { error: SELECTOR },
    )
    .meta({ description })

export const houseSchema = mapping({
  timezone: textSetting({
    description: 'Days and hours are those of this zone.',
    expected: ZONE,
    examples: ['America/New_York'],
    read: readZone,
  })
    .meta({ leftOut: 'that of the machine' })
    .optional(),
  wiring: choice(
    WIRINGS,
    'Where solar joins: ahead of the mains sensors, which then see the load of the house, or behind them: then they see the grid.',
  ).prefault('ahead'),
  mains: selector('The channels of the mains.').prefault({ pair: 'Mains' }),
  solar: selector('The channels of the inverters.').prefault({ solar: 'Both' }),
  groups: z
    .record(
      z.string().regex(/^.{1,60}$/, { error: 'a name of 1 to 60 characters' }),
      selector('Which circuits are of it.'),
      { error: 'a mapping of names to labels or locations, such as { Heating: { hvac: "True" } }' },
    )
    .meta({ description: 'Circuits by group; the first that fits counts, and what is left is Other.' })
    .prefault({}),
  names: z
    .record(locationKey, text(/^(?!\s)(?!.*\s$)[^\p{Cc}\p{Cs}]{1,60}$/u, SHOWN_NAME)('What it is called.'), {
      error: 'a mapping of locations to names, such as { Rcpt_3: Desk }',
    })
    .check(({ value, issues }) => {
      const names = Object.values(value)
      for (const [index, [location, input]] of Object.entries(value).entries())
        if (names.indexOf(input) < index)
          issues.push({ code: 'custom', message: 'a name that no other channel has', path: [location], input })
    })
    .meta({
      description: 'What channels are called where they are shown, by location; what is stored keeps its labels.',
      examples: [{ Rcpt_3: 'Desk' }],
    })
    .prefault({}),
  colours: z
    .record(locationKey, choice(HOUSE_COLOURS, 'Its colour.'), {
      error: 'a mapping of locations or groups to colours, such as { Heating: orange }',
    })
    .meta({
      description: `The colours of groups and circuits, by group or location: ${HOUSE_COLOURS.map((each) => `\`${each}\``).join(', ')}.`,
      leftOut: 'by the order of the groups',
      examples: [{ Heating: 'orange' }],
    })
    .prefault({}),
}).meta({ description: 'What the channels are in the house, for the dashboard.' })

function readZone(text: string): Reading<string> {
  try {
    return { value: new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone && text }
  } catch {
    return { expected: ZONE }
  }
}

const maxDeviceLoad = textSetting({
  description: 'The share of its time that a device may spend answering: it does not measure while it answers.',
  expected: DEVICE_LOAD,
  pattern: '^\\d{1,3}%$',
  read: readDeviceLoad,
}).prefault('25%')

const log = mapping({
  level: choice(['debug', 'info', 'warn', 'error'], 'The least important line that is written.').prefault('info'),
  format: choice(['auto', 'text', 'json'], '`auto` is text on a terminal and JSON lines elsewhere.').prefault('auto'),
}).meta({ description: 'What is logged, and how.' })

/**
 * The file as people write it: each key with its kind, its default and what it means, once. The defaults of `Config`, the
 * names of the environment, the JSON Schema and the tables of docs/configuration.md come from here; a default that is no
 * value stands in `leftOut`. An error is what was expected.
 */
export const fileSchema = z
  .strictObject(
    {
      store: storeSchema,
      stateDir: filePath('The folder of lock, embedded store and backups; `/data` in the image.').prefault('./data'),
      interval: duration('How often the daemon copies what is new.', '5m', ['1m', '1d']),
      lookback: duration('How far back the newest sample of a series is looked for first.', '30d', ['1h', '3650d']),
      chunk: duration('A backfill is copied in pieces of this length.', '7d', ['1h', '31d']),
      backfill: flag('Whether the daemon also copies what is missing since `since`, in the background.', true),
      maxDeviceLoad,
      shard: textSetting({
        description:
          'The share of the devices that this process copies: `2/3` is the second of three. For a StatefulSet: the name of its pod, such as `iotawatt-sync-1/3`.',
        expected: SHARD,
        examples: ['2/3', 'iotawatt-sync-1/3'],
        read: readShard,
      })
        .meta({ leftOut: 'all devices' })
        .optional(),
      metric: metric('The metric of channels in watts.').prefault('power'),
      web: webSchema.prefault({}),
      log: log.prefault({}),
      devices: z
        .array(deviceSchema, { error: DEVICE_LIST })
        .meta({ description: 'The IoTaWatts.', leftOut: 'required without `deviceFiles`' })
        .prefault([]),
      deviceFiles: z
        .array(filePath('A file, or a pattern with `*` and `?` in the name of the file.'), {
          error: 'a list of files, such as ["devices.d/*.yaml"]',
        })
        .min(1, { error: 'at least one file' })
        .meta({
          description: 'Files with more devices.',
          examples: [['/etc/iotawatt-sync/devices.d/*.yaml']],
        })
        .optional(),
      defaults: defaultsSchema
        .meta({ description: 'Keys of devices that each device has which does not give them itself.' })
        .optional(),
      labels: z
        .array(labelRuleSchema, { error: 'a list of rules, each with match and set' })
        .meta({
          description: 'Labels by location; all rules that match apply, in order.',
          leftOut: 'the rules of the original system',
        })
        .optional(),
      house: houseSchema.optional(),
      alerts: alertsSchema.optional(),
      currency: currencySchema,
      billing: billingSchema.prefault({}),
      holidays: holidaysSchema,
      tariffs: tariffsSchema,
      migrate: migrateSchema.prefault({}),
    },
    { error: 'a mapping of settings, with devices at least' },
  )
  .meta({ title: 'iotawatt-sync', anyOf: [{ required: ['devices'] }, { required: ['deviceFiles'] }] })

export type ConfigFile = z.infer<typeof fileSchema>

import * as z from 'zod'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time-window.ts'
import { LOG_FORMATS, LOG_LEVELS } from './config.ts'
import { deviceSchema } from './device-schema.ts'
import { houseSchema } from './house-schema.ts'
import { DEVICE_LOAD, readDeviceLoad } from './read-device-load.ts'
import { readListenAddress } from './read-listen-address.ts'
import { choice, duration, filePath, flag, metric, name, secretText, token, url, webToken } from './setting-kinds.ts'
import { type Reading, textSetting } from './text-setting.ts'

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
const labelRuleSchema = z.strictObject(
  {
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
  },
  { error: 'a mapping with match and set' },
)

const HEADER_NAME =
  /^(?!(?:connection|content-(?:encoding|length|type)|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$)[\w!#$%&'*+.^`|~-]+$/i

const storeSchema = z
  .strictObject(
    {
      type: choice(
        ['victoriametrics', 'embedded'],
        'Default: victoriametrics where an address is given, else embedded.',
      ).optional(),
      url: url('Address of a single-node VictoriaMetrics.', 'http://victoriametrics:8428').optional(),
      writeUrl: url('Where a cluster is written.', 'http://vminsert:8480/insert/0/prometheus').optional(),
      readUrl: url('Where a cluster is asked.', 'http://vmselect:8481/select/0/prometheus').optional(),
      cacheResetUrls: z
        .array(url('Address of a vmselect.', 'http://vmselect-2:8481'), { error: 'a list of addresses' })
        .meta({ description: 'Further vmselects of a cluster, whose query caches are reset after a backfill.' })
        .optional(),
      username: name('a user', 'The user of basic authentication.').optional(),
      password: secretText('Its password. Better: passwordFile, or the environment.').optional(),
      passwordFile: filePath('A file that holds the password.').optional(),
      token: token('A bearer token. Better: tokenFile, or the environment.').optional(),
      tokenFile: filePath('A file that holds the bearer token.').optional(),
      headers: z
        .record(
          z.string().regex(HEADER_NAME, { error: 'the name of a header that does not steer the connection itself' }),
          z.string({ error: 'text, in quotes' }).regex(/^[^\r\n\0]+$/, { error: 'text in one line' }),
          { error: 'a mapping of header names to texts' },
        )
        .meta({ description: 'Sent with every request, such as X-Scope-OrgID. Treated as secret.' })
        .optional(),
      caFile: filePath('Certificates (PEM) to trust in place of the usual ones.').optional(),
      allowDuplicates: flag(
        'Write also where writes are buffered (a cluster, an agent, a proxy) and nothing removes duplicate samples.',
        false,
      ).optional(),
    },
    { error: 'a mapping such as { url: http://victoriametrics:8428 }' },
  )
  .meta({ description: 'Where the samples go. Default: embedded, in stateDir.' })

const HOST = 'a host name such as energy.example.org, without http:// and port'

const webSchema = z
  .strictObject(
    {
      listen: textSetting({
        description: 'Where health is served. Beyond this machine it wants a token.',
        expected: 'host:port such as 127.0.0.1:8480',
        default: '127.0.0.1:8480',
        read: readListenAddress,
      }).optional(),
      maxAge: duration({
        description: 'A device whose newest sample is older makes /readyz answer 503.',
        byDefault: '15m',
        fromMs: MINUTE_MS,
        untilMs: 30 * DAY_MS,
      }).optional(),
      token: webToken('What everything but health wants. Better: tokenFile, or the environment.').optional(),
      tokenFile: filePath('A file that holds the token.').optional(),
      allowedHosts: z
        .array(z.string({ error: HOST }).regex(/^[\w-]+(\.[\w-]+)*\.?$/, { error: HOST }), {
          error: `a list of names, each ${HOST}`,
        })
        .meta({ description: 'Names under which it is asked, beside localhost and the host of listen.' })
        .optional(),
    },
    { error: 'a mapping with listen, maxAge, token, tokenFile, allowedHosts' },
  )
  .meta({ description: 'The listener for /healthz and /readyz.' })

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
const migrateSchema = z
  .strictObject(
    {
      metric: textSetting({
        description: 'The metric of a channel there; {location}, {name} and {device} stand for those of the channel.',
        expected: METRIC,
        default: 'Power_{location}',
        read: readTemplate(METRIC),
      }).optional(),
      labels: z
        .record(
          z.string().regex(/^(?!__)[a-zA-Z_][a-zA-Z0-9_]{0,199}$/, { error: LABEL_NAME }),
          textSetting({ description: 'The value of this label.', expected: VALUE, read: readTemplate(VALUE, 0) }),
          { error: 'a mapping of label names to texts, such as { host: "{device}" }' },
        )
        .meta({
          description:
            'Labels that the series must have, with the same words in braces; "" is a label that it does not have.',
        })
        .optional(),
    },
    { error: 'a mapping with metric and labels' },
  )
  .meta({ description: 'Which series of another program `migrate` reads.' })

const maxDeviceLoad = textSetting({
  description: 'The share of its time that a device may spend answering: it does not measure while it answers.',
  expected: DEVICE_LOAD,
  default: '25%',
  pattern: '^\\d{1,3}%$',
  read: readDeviceLoad,
})

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
      store: storeSchema.optional(),
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
        description: 'A backfill is copied in pieces of this length.',
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
      web: webSchema.optional(),
      log: log.optional(),
      devices: z
        .array(deviceSchema, { error: 'a list of devices, each with name and url' })
        .min(1, { error: 'at least one device' })
        .meta({ description: 'The IoTaWatts.' }),
      labels: z
        .array(labelRuleSchema, { error: 'a list of rules, each with match and set' })
        .meta({
          description:
            'Labels by location; all rules that match apply, in order. Default: the rules of the original system.',
        })
        .optional(),
      house: houseSchema.optional(),
      migrate: migrateSchema.optional(),
    },
    { error: 'a mapping of settings, with devices at least' },
  )
  .meta({ title: 'iotawatt-sync' })

export type ConfigFile = z.infer<typeof fileSchema>

import * as z from 'zod'
import { DEFAULT_TEMPLATES, TEMPLATE_WORDS } from '../model/point-template.ts'
import { choice, filePath, flag, name, type Reading, secretText, textSetting, token, url } from './setting-kinds.ts'

const WORDS = TEMPLATE_WORDS.map((word) => `{${word}}`).join(', ')
const EXPECTED = `text without line ends, in which ${WORDS} stand for those of a channel`

function readTemplate(text: string): Reading<string> {
  const rest = TEMPLATE_WORDS.reduce((left, word) => left.replaceAll(`{${word}}`, ''), text)
  return text !== '' && text.length <= 1_000 && !/[{}\p{Cc}\p{Cs}]/u.test(rest)
    ? { value: text }
    : { expected: EXPECTED }
}

const template = (description: string, byDefault?: string) =>
  textSetting({
    description,
    expected: EXPECTED,
    ...(byDefault !== undefined && { default: byDefault }),
    read: readTemplate,
  })

const TAG_NAME = 'the name of a tag: 1 to 200 characters, and not time'

/** The keys of `store` that only InfluxDB has. */
const influxDbSettings = {
  database: name('a database', 'The database of InfluxDB 1.x.').optional(),
  retentionPolicy: name(
    'a retention policy',
    'The retention policy of InfluxDB 1.x. Default: that of the database.',
  ).optional(),
  organization: name('an organization', 'The organization of InfluxDB 2.x.').optional(),
  bucket: name('a bucket', 'The bucket of InfluxDB 2.x.').optional(),
  measurement: template(
    `The measurement of a channel; ${WORDS} stand for those of it.`,
    DEFAULT_TEMPLATES.measurement,
  ).optional(),
  tags: z
    .record(
      z.string().regex(/^(?!time$)[^\p{Cc}\p{Cs}]{1,200}$/u, { error: TAG_NAME }),
      template('The value of this tag.'),
      { error: 'a mapping of tags to texts, such as { device: "{device}" }' },
    )
    .meta({ description: 'The tags of a channel, with the same words in braces. Default: its labels.' })
    .optional(),
  field: template('The field of a channel, with the same words in braces.', DEFAULT_TEMPLATES.field).optional(),
}

export const INFLUXDB_KEYS: readonly string[] = Object.keys(influxDbSettings)

const HEADER_NAME =
  /^(?!(?:connection|content-(?:encoding|length|type)|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$)[\w!#$%&'*+.^`|~-]+$/i

export const storeSchema = z
  .strictObject(
    {
      type: choice(['victoriametrics', 'influxdb', 'embedded'], 'What it is.')
        .meta({ leftOut: '`victoriametrics` where an address is given, else `embedded`' })
        .optional(),
      url: url('Address of a single-node VictoriaMetrics, or of InfluxDB.', 'http://victoriametrics:8428').optional(),
      writeUrl: url('Where a cluster is written.', 'http://vminsert:8480/insert/0/prometheus').optional(),
      readUrl: url('Where a cluster is asked.', 'http://vmselect:8481/select/0/prometheus').optional(),
      cacheResetUrls: z
        .array(url('Address of a vmselect.', 'http://vmselect-2:8481'), { error: 'a list of addresses' })
        .meta({
          description: 'Further vmselects of a cluster, whose query caches are reset after a backfill.',
          examples: [['http://vmselect-2:8481']],
        })
        .optional(),
      flushUrls: z
        .array(url('Address of a vmstorage.', 'http://vmstorage-1:8482'), { error: 'a list of addresses' })
        .meta({
          description:
            'All storage nodes of a cluster, to make them show at once what was written; without them that takes 2 to 4 s.',
          examples: [['http://vmstorage-1:8482', 'http://vmstorage-2:8482']],
        })
        .optional(),
      ...influxDbSettings,
      username: name('a user', 'The user of basic authentication.').optional(),
      password: secretText('Its password. Better: passwordFile, or the environment.').optional(),
      passwordFile: filePath('A file that holds the password.').optional(),
      token: token('A bearer token, or that of InfluxDB 2.x. Better: tokenFile, or the environment.').optional(),
      tokenFile: filePath('A file that holds the token.').optional(),
      headers: z
        .record(
          z.string().regex(HEADER_NAME, { error: 'the name of a header that does not steer the connection itself' }),
          z.string({ error: 'text, in quotes' }).regex(/^[^\r\n\0]+$/, { error: 'text in one line' }),
          { error: 'a mapping of header names to texts' },
        )
        .meta({ description: 'Sent with every request; treated as secret.', examples: [{ 'X-Scope-OrgID': '1' }] })
        .prefault({}),
      caFile: filePath('Certificates (PEM) to trust in place of the usual ones.').optional(),
      allowDuplicates: flag(
        'Write also where writes are buffered (a cluster, an agent, a proxy) and nothing removes duplicate samples.',
        false,
      ),
    },
    { error: 'a mapping such as { url: http://victoriametrics:8428 }' },
  )
  .meta({ description: 'Where the samples go.', leftOut: 'embedded, in `stateDir`' })
  .prefault({})

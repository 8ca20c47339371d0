import * as z from 'zod'
import { DEFAULT_TEMPLATES, TEMPLATE_WORDS } from '../model/point-template.ts'
import { name, type Reading, textSetting } from './setting-kinds.ts'

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
export const influxDbSettings = {
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

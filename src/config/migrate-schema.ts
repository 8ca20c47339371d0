import * as z from 'zod'
import { readTemplate } from './read-template.ts'
import { textSetting } from './text-setting.ts'

const METRIC = 'the name of a metric, in which {location}, {name} and {device} stand for those of a channel'
const VALUE = 'text, in which {location}, {name} and {device} stand for those of a channel'
const LABEL_NAME = 'a label name: letters, digits and _, no digit first, no __ first'

/** Where the series are that another program left in the store. */
export const migrateSchema = z
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
          description: 'Labels that the series must have, with the same words in braces; "" is a label that it lacks.',
        })
        .optional(),
    },
    { error: 'a mapping with metric and labels' },
  )
  .meta({ description: 'Which series of another program `migrate` reads.' })

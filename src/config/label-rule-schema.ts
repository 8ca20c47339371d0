import * as z from 'zod'
import { readLabelPattern } from './read-label-pattern.ts'
import { textSetting } from './text-setting.ts'

const LABEL_NAME =
  'a label name: letters, digits and _, no digit first, no __ first; device and location stay as they are'
export const labelRuleSchema = z.strictObject(
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
        z
          .string({ error: 'text, in quotes' })
          .regex(/^[^\p{Cs}\0-\x02]{1,1000}$/u, { error: 'text of 1 to 1000 characters' }),
        { error: 'a mapping of label names to texts, such as { type: Circuit }' },
      )
      .meta({ description: 'The labels that it adds; of rules that match, a later one wins.' }),
  },
  { error: 'a mapping with match and set' },
)

import * as z from 'zod'
import { ms, text, type Read } from './values.ts'

const fields = {
  id: text.describe('The same in both messages of an alert, and of no other alert.'),
  kind: z.enum(['noData', 'gaps', 'storeFailing', 'above', 'below', 'test']).describe('`test`: sent by hand.'),
  name: text.describe('What it is about: a device, a circuit or `store`.').meta({ examples: ['Freezer'] }),
  sinceMs: ms,
  text: text
    .describe('For people, with the times of the house.')
    .meta({ examples: ['Freezer: below 5 W since 02:10'] }),
}

export const alert = z.object(fields).meta({ id: 'Alert' })
export type Alert = Read<typeof alert>

/** What a webhook is sent. */
export const alertMessage = z
  .object({
    ...fields,
    state: z
      .enum(['began', 'ended'])
      .describe('One that began and ended while it was held back, as in quiet hours, is sent once, as `ended`.'),
    untilMs: ms.describe('When it ended.').exactOptional(),
  })
  .meta({ id: 'AlertMessage' })
export type AlertMessage = Read<typeof alertMessage>

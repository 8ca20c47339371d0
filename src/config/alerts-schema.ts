import * as z from 'zod'
import { type QuietHours, RECEIVER_TYPES } from '../model/alerts.ts'
import {
  choice,
  duration,
  durationOrOff,
  filePath,
  mapping,
  name,
  type Reading,
  textSetting,
  token,
  url,
} from './setting-kinds.ts'

export const receiverSchema = mapping({
  type: choice(RECEIVER_TYPES, '`ntfy` gets a text for people, `webhook` JSON.'),
  url: url('Its address; of ntfy with the topic, of a webhook with its secret path.', 'https://ntfy.sh/our-house-7Kq2'),
  token: token('Sent as a bearer token. Better: tokenFile.').optional(),
  tokenFile: filePath('A file that holds the token.').optional(),
  caFile: filePath('Certificates (PEM) to trust in place of the usual ones.').optional(),
})

const watts = (description: string) => z.number({ error: 'a number of watts' }).meta({ description }).optional()

export const circuitRuleSchema = mapping({
  circuit: name('a circuit', 'The location of a channel, or a group of `house`: the sum of its circuits.'),
  above: watts('It is an alert while the circuit is above so many watts.'),
  below: watts('In place of `above`: while it is below.'),
  for: duration('And has been for so long.', '10m', ['1m', '2d']),
})

const QUIET_HOURS = 'hours from and to, such as 22-07 or 22:30-06:45'

function readQuietHours(text: string): Reading<QuietHours> {
  const [, hour, minute = '0', untilHour, untilMinute = '0'] =
    /^(\d{1,2})(?::(\d\d))?-(\d{1,2})(?::(\d\d))?$/.exec(text) ?? []
  const [from, until] = [
    [hour, minute],
    [untilHour, untilMinute],
  ].map(([h, m]) => (Number(h) < 24 && Number(m) < 60 ? Number(h) * 60 + Number(m) : NaN))
  const isUsable = from !== undefined && until !== undefined && Math.abs(from - until) > 0
  return isUsable ? { value: { fromMinute: from, untilMinute: until } } : { expected: QUIET_HOURS }
}

export const alertsSchema = mapping({
  to: z
    .array(receiverSchema, { error: 'a list of receivers, each with type and url' })
    .min(1, { error: 'at least one receiver' })
    .meta({ description: 'Who is told: each receiver of each alert, when it begins and when it is over.' }),
  quietHours: textSetting({
    description: 'Hours of the house in which nothing is sent; what happens then is sent at their end.',
    expected: QUIET_HOURS,
    examples: ['22-07'],
    read: readQuietHours,
  }).optional(),
  noData: durationOrOff('An alert while the newest stored minute of a device is older.', '15m', ['1m', '30d']),
  gaps: durationOrOff(
    'An alert when minutes that the device has have been missing from the `lookback` for so long.',
    '1h',
    ['1m', '30d'],
  ),
  storeFailing: durationOrOff('An alert when the store has been failing for so long.', '10m', ['1m', '30d']),
  circuits: z
    .array(circuitRuleSchema, { error: 'a list of rules, each with circuit and above or below' })
    .meta({
      description: 'Circuits that are on, or off, for too long.',
      examples: [[{ circuit: 'Freezer', below: 5, for: '6h' }]],
    })
    .prefault([]),
}).meta({ description: 'What is told, to whom. Left out: nothing.' })

import * as z from 'zod'
import { UNITS } from '../model/channel.ts'
import { choice, filePath, macAddress, metric, name, secretText, since, url } from './setting-kinds.ts'

const CHANNEL_NAME =
  'the name of a channel as the device lists it; one that holds . , " \\ or is time cannot be asked for: rename it on the device'
export const channelName = z
  .string({ error: CHANNEL_NAME })
  .regex(/^(?!\s)(?!.*\s$)(?!time$)[^.,"\\\p{Cc}\p{Cs}]{1,100}$/u, { error: CHANNEL_NAME })
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
    since: since('Nothing before is copied, and from here on a 0 is a 0.').optional(),
  },
  { error: 'the name of a channel, or a mapping with name, location, unit, metric, since' },
)

export const deviceSchema = z.strictObject(
  {
    name: name('a name', 'The `device` label of its series: its identity, whatever the device calls itself.'),
    url: url('Its address.', 'http://iotawatt.local'),
    since: since('Nothing before is copied. Default: the first record of its log.').optional(),
    mac: macAddress(
      'The MAC of its Wi-Fi: who it is, where its own name is that of another device. Default: as it was seen before.',
    ).optional(),
    username: name('a user of the device', 'The user, where the device asks for one. Default: admin.').optional(),
    password: secretText('Its password. Better: passwordFile, or the environment.').optional(),
    passwordFile: filePath('A file that holds the password.').optional(),
    caFile: filePath('Certificates (PEM) to trust, where a proxy before it speaks https.').optional(),
    channels: z
      .array(z.union([channelName, channel]), { error: 'a list of channels' })
      .min(1, { error: 'at least one channel; leave the key out for every input in watts' })
      .meta({ description: 'What to copy. Default: every input that the device lists in watts.' })
      .optional(),
  },
  { error: 'a mapping with name and url' },
)

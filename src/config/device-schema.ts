import * as z from 'zod'
import { type Channel, type Unit, UNITS } from '../model/channel.ts'
import { DEVICE_TYPES } from '../model/device.ts'
import { choice, filePath, macAddress, mapping, metric, name, secretText, since, text, url } from './setting-kinds.ts'

export const channelName = text(
  /^(?!\s)(?!.*\s$)(?!time$)[^.,"\\\p{Cc}\p{Cs}]{1,100}$/u,
  'the name of a channel as the device lists it; one that holds . , " \\ or is time cannot be asked for: rename it on the device',
)(
  'Its name on the device; case counts. The device cannot be asked for one that holds `.` `,` `"` or `\\`, or is `time`.',
)

/** The metric of a channel that is not in watts and names none: watts alone go under the `metric` of the file. */
const UNIT_METRICS: Readonly<Record<Exclude<Unit, 'watts'>, string>> = {
  volts: 'voltage',
  amps: 'current',
  hz: 'frequency',
  pf: 'power_factor',
  va: 'apparent_power',
  var: 'reactive_power',
  wh: 'energy',
}
const unitMetrics = Object.values(UNIT_METRICS).map((metricOfUnit) => `\`${metricOfUnit}\``)

export const channelSchema = mapping(
  {
    name: channelName,
    location: name(
      'a text that names the series',
      'The `location` label. It stays when the device renames the channel, and the series goes on.',
    )
      .meta({ leftOut: 'its name' })
      .optional(),
    unit: choice(UNITS, 'What it is read in.').prefault('watts'),
    metric: metric(`The metric of its series; by unit \`metric\` for watts, else ${unitMetrics.join(', ')}.`)
      .meta({ leftOut: 'by its unit' })
      .optional(),
    since: since('Nothing before is copied, and from here on a 0 is a 0.').optional(),
  },
  'the name of a channel, or ',
)

/** A channel with all that the file leaves out. */
export function resolveChannel(written: string | WrittenChannel, wattsMetric: string): Channel {
  const { name, unit = 'watts', ...channel }: WrittenChannel = typeof written === 'string' ? { name: written } : written
  const { location = name, metric = unit === 'watts' ? wattsMetric : UNIT_METRICS[unit], since: sinceMs } = channel
  return { name, location, unit, metric, ...(sinceMs !== undefined && { sinceMs }) }
}

type WrittenChannel = Omit<z.infer<typeof channelSchema>, 'unit'> & { readonly unit?: Unit | undefined }

const LABEL_NAME =
  'a label name: letters, digits and _, no digit first, no __ first; device, location and source stay as they are'
export const DEVICE_LIST = 'a list of devices, each with name and url'

export const deviceSchema = z.strictObject(
  {
    name: name('a name', 'The `device` label of its series: its identity, whatever the device calls itself.'),
    type: choice(DEVICE_TYPES, 'Which kind of device it is, and the `source` label of its series.').prefault(
      'iotawatt',
    ),
    url: url('Its address.', 'http://iotawatt.local'),
    since: since('Nothing before is copied.').meta({ leftOut: 'the first record of its log' }).optional(),
    mac: macAddress(
      'The MAC of its Wi-Fi, in quotes: who it is, where its own name is that of another device, or where it was moved.',
    )
      .meta({ leftOut: 'as it was seen before' })
      .optional(),
    username: name('a user of the device', 'The user, where the device asks for one.').prefault('admin'),
    password: secretText('Its password. Better: passwordFile, or the environment.').optional(),
    passwordFile: filePath('A file that holds the password.').optional(),
    caFile: filePath(
      'Certificates (PEM) to trust, where a proxy before it speaks https; the device itself speaks http alone.',
    ).optional(),
    channels: z
      .array(z.union([channelName, channelSchema]), { error: 'a list of channels' })
      .min(1, { error: 'at least one channel; leave the key out for every input in watts' })
      .meta({ description: 'What to copy.', leftOut: 'every input that the device lists in watts' })
      .optional(),
    labels: z
      .record(
        z.string().regex(/^(?!__|(?:device|location|source)$)[a-zA-Z_][a-zA-Z0-9_]{0,199}$/, { error: LABEL_NAME }),
        z
          .string({ error: 'text, in quotes' })
          .regex(/^[^\p{Cs}\0-\x02]{1,1000}$/u, { error: 'text of 1 to 1000 characters' }),
        { error: 'a mapping of label names to texts, such as { site: "north" }' },
      )
      .meta({
        description: 'What each of its series has beside the labels by location.',
        examples: [{ site: 'north' }],
      })
      .optional(),
  },
  { error: 'a mapping with name and url' },
)

const { type, since: sinceOfDevice, username, password, passwordFile, caFile, channels, labels } = deviceSchema.shape

/** What devices may share; each of them may say it otherwise. */
export const defaultsSchema = mapping({
  type,
  since: sinceOfDevice,
  username,
  password,
  passwordFile,
  caFile,
  channels,
  labels,
})

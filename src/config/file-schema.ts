import * as z from 'zod'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time-window.ts'
import { LOG_FORMATS, LOG_LEVELS } from './config.ts'
import { deviceSchema } from './device-schema.ts'
import { houseSchema } from './house-schema.ts'
import { labelRuleSchema } from './label-rule-schema.ts'
import { migrateSchema } from './migrate-schema.ts'
import { DEVICE_LOAD, readDeviceLoad } from './read-device-load.ts'
import { choice, duration, filePath, flag, metric } from './setting-kinds.ts'
import { storeSchema } from './store-schema.ts'
import { textSetting } from './text-setting.ts'
import { webSchema } from './web-schema.ts'

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
        description: 'History is copied in pieces of this length.',
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

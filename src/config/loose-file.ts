import * as z from 'zod'
import { UNITS } from '../model/channel.ts'

const text = z.string().optional().catch(undefined)
const texts = z.record(z.string(), z.unknown()).optional().catch(undefined)

const channel = z
  .union([
    z.string().transform((name) => ({ name })),
    z.object({ name: text, location: text, metric: text, unit: z.enum(UNITS).optional().catch(undefined) }),
  ])
  .catch({})

const logins = { username: text, password: text, passwordFile: text }
const device = z
  .object({
    name: text,
    url: text,
    mac: text,
    ...logins,
    labels: texts,
    channels: z.array(channel).optional().catch(undefined),
  })
  .catch({})
const addresses = { type: text, url: text, writeUrl: text, readUrl: text }
const store = z
  .object({
    ...addresses,
    ...logins,
    token: text,
    tokenFile: text,
    database: text,
    retentionPolicy: text,
    organization: text,
    bucket: text,
    measurement: text,
    tags: texts,
    field: text,
    headers: texts,
    caFile: text,
  })
  .loose()
  .optional()
  .catch(undefined)
const web = z.object({ listen: text, token: text, tokenFile: text }).optional().catch(undefined)

const lists = <T extends z.ZodType>(of: T) => z.array(of).optional().catch(undefined)
const circuitRule = z.object({ above: z.unknown().optional(), below: z.unknown().optional() }).catch({})
const alerts = z
  .object({ to: lists(z.object({ token: text, tokenFile: text }).catch({})), circuits: lists(circuitRule) })
  .optional()
  .catch(undefined)

const rule = z.object({ set: texts }).catch({ set: {} })

const looseFile = z
  .object({
    store,
    metric: text,
    web,
    alerts,
    labels: lists(rule),
    devices: z.array(device).optional().catch(undefined),
  })
  .catch({ store: undefined, web: undefined, alerts: undefined, devices: undefined })

/** What is legible of a file, so that mistakes that show only between keys are found beside those in them. */
export type LooseFile = z.infer<typeof looseFile>
export type LooseStore = NonNullable<LooseFile['store']>

export function readLoosely(tree: unknown): LooseFile {
  return looseFile.parse(tree)
}

import * as z from 'zod'
import type { TimeZone } from './local-time.ts'

/** An input of the device: `VT` measures a voltage, `CT` the current of a circuit. */
export interface CardInput {
  readonly channel: number
  readonly name: string
  readonly type: 'VT' | 'CT'
  /** The channel whose voltage it is measured against. */
  readonly voltageChannel: number
  readonly voltageFactor: number
  readonly reversed: boolean
  readonly phase: number
}

/** An output of the device: a formula over its inputs. */
export interface CardOutput {
  readonly name: string
  readonly units: string
  readonly script: string
}

/** What `config.txt` says, as far as measuring and answering go. */
export interface CardConfig {
  readonly deviceName: string
  /** Which firmware updates it takes. */
  readonly updates: string
  readonly zone: TimeZone
  readonly inputs: readonly CardInput[]
  readonly outputs: readonly CardOutput[]
}

/** Units that an output may have; any other is taken for watts. */
const OUTPUT_UNITS = ['Watts', 'Volts', 'Amps', 'VA', 'VAh', 'Hz', 'Wh', 'kWh', 'PF', 'VAR', 'VARh'] as const

const changeSchema = z.object({ month: z.number(), weekday: z.number(), instance: z.number(), time: z.number() })

const configSchema = z.object({
  update: z.string().default('NONE'),
  timezone: z.coerce.number().default(0),
  dstrule: z
    .object({ adj: z.number(), utc: z.boolean().default(false), begin: changeSchema, end: changeSchema })
    .optional(),
  device: z.object({ name: z.string().default('IotaWatt') }).prefault({}),
  inputs: z
    .array(
      z
        .object({
          channel: z.coerce.number().int(),
          name: z.string(),
          type: z.enum(['VT', 'CT']).catch('CT'),
          vref: z.number().optional(),
          vchan: z.number().optional(),
          vmult: z.number().default(1),
          double: z.boolean().default(false),
          reverse: z.boolean().default(false),
          phase: z.number().default(0),
        })
        .nullable(),
    )
    .default([]),
  outputs: z.array(z.object({ name: z.string(), units: z.string().default('Watts'), script: z.string() })).default([]),
})

/** Reads the text of a `config.txt`; throws an `Error` that says where it is not one. */
export function parseCardConfig(text: string): CardConfig {
  const raw = configSchema.safeParse(parseJson(text))
  if (!raw.success) throw new Error(`config.txt is not an IoTaWatt configuration: ${describeIssue(raw.error)}`)
  const { timezone, dstrule, device, update, inputs, outputs } = raw.data
  const zone: TimeZone = { offsetMinutes: Math.round(timezone * 60) }
  return {
    deviceName: device.name,
    updates: update,
    zone: dstrule === undefined ? zone : { ...zone, daylight: toDaylightRule(dstrule) },
    inputs: inputs.filter((input) => input !== null).map(toInput),
    outputs: outputs.map((output) => ({ ...output, units: toOutputUnits(output.units) })),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const what = text.trim() === '' ? 'empty' : 'not JSON'
    throw new Error(`config.txt is ${what}: was it cut off, or damaged, when it was copied?`, { cause })
  }
}

function describeIssue({ issues }: z.ZodError): string {
  const path = issues[0]?.path ?? []
  const place = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
  return place === '' ? 'it is no object' : `found something unknown at ${place.replace(/^\./, '')}`
}

type RawConfig = z.infer<typeof configSchema>

function toInput(raw: NonNullable<RawConfig['inputs'][number]>): CardInput {
  return {
    channel: raw.channel,
    name: raw.name,
    type: raw.type,
    voltageChannel: raw.type === 'VT' ? raw.channel : (raw.vref ?? raw.vchan ?? 0),
    voltageFactor: raw.vmult * (raw.double ? 2 : 1),
    reversed: raw.reverse,
    phase: raw.phase,
  }
}

function toDaylightRule({
  adj,
  utc,
  begin,
  end,
}: NonNullable<RawConfig['dstrule']>): NonNullable<TimeZone['daylight']> {
  const change = ({ time, ...rest }: z.infer<typeof changeSchema>) => ({ ...rest, timeMinutes: time })
  return { shiftMinutes: adj, utc, begin: change(begin), end: change(end) }
}

function toOutputUnits(units: string): string {
  return OUTPUT_UNITS.find((known) => known.toLowerCase() === units.toLowerCase()) ?? 'Watts'
}

import * as z from 'zod'
import { CHANNEL_COUNT } from '../../src/card/log-record.ts'
import { printJson } from '../../src/card/firmware-json.ts'

/** Only what is edited; the rest of the file stays as it is. */
const namedSchema = z.looseObject({ name: z.string() })
const inputSchema = z.looseObject({ channel: z.number(), name: z.string() })
const configSchema = z.looseObject({
  inputs: z.array(inputSchema.nullable()),
  outputs: z.array(namedSchema).default([]),
})

/** The text of a `config.txt` in which an input or output is called otherwise. */
export function renameChannel(configText: string, from: string, to: string): string {
  const config = configSchema.parse(JSON.parse(configText))
  const rename = <T extends { name: string } | null>(item: T): T => (item?.name === from ? { ...item, name: to } : item)
  return printJson({ ...config, inputs: config.inputs.map(rename), outputs: config.outputs.map(rename) })
}

export function removeChannel(configText: string, name: string): string {
  const config = configSchema.parse(JSON.parse(configText))
  const inputs = config.inputs.map((input) => (input?.name === name ? null : input))
  return printJson({ ...config, inputs, outputs: config.outputs.filter((output) => output.name !== name) })
}

/** An output in watts; one of that name is replaced. */
export function setOutput(configText: string, name: string, script: string): string {
  const config = configSchema.parse(JSON.parse(configText))
  const others = config.outputs.filter((output) => output.name !== name)
  return printJson({ ...config, outputs: [...others, { name, units: 'Watts', script }] })
}

/** Gives the first free input to a new circuit; throws when all are taken. */
export function addChannel(configText: string, name: string): { configText: string; channel: number } {
  const config = configSchema.parse(JSON.parse(configText))
  const taken = new Set(config.inputs.map((input) => input?.channel))
  const channel = Array.from({ length: CHANNEL_COUNT }, (_, index) => index).find((index) => !taken.has(index))
  if (channel === undefined) throw new Error(`all ${CHANNEL_COUNT} inputs are taken`)
  const inputs = Array.from({ length: CHANNEL_COUNT }, (_, index) =>
    index === channel
      ? { channel, name, type: 'CT', model: 'AccuCT50', phase: 0.1, cal: 50, vref: 0 }
      : (config.inputs.find((input) => input?.channel === index) ?? null),
  )
  return { configText: printJson({ ...config, inputs }), channel }
}

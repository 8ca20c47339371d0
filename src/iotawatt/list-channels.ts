import * as z from 'zod'
import { at } from '../model/at.ts'
import type { DeviceChannel } from '../model/device.ts'
import { printableName } from '../runtime/printable.ts'
import { AnswerProblem, parseAnswer } from './answer-problem.ts'
import { ask } from './ask.ts'
import type { Connection } from './connection.ts'
import { nameProblem } from './batch-question.ts'

export const LIVE_PATH = '/status?inputs=&outputs='
export const MAX_LIST_BYTES = 256 * 1024
/** The firmware has 15 inputs; each of these may become a series for ever. */
export const MAX_CHANNELS = 200

const seriesSchema = z.object({ series: z.array(z.object({ name: z.string(), unit: z.string() })) })
const kindsSchema = z.object({ inputs: z.array(z.unknown()), outputs: z.array(z.object({ name: z.string() })) })

export type Series = readonly Omit<DeviceChannel, 'kind'>[]
type Kinds = z.infer<typeof kindsSchema>

/** All that the device lists, inputs first; of two of one name, the first can be asked for. */
export async function listChannels(
  connection: Connection,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<readonly DeviceChannel[]> {
  const limits = { timeoutMs, maxBytes: MAX_LIST_BYTES }
  const series = await askSeries(connection, { timeoutMs, signal })
  const { value: kinds } = await ask(connection, { path: LIVE_PATH, ...limits }, { read: readKinds, signal })
  return withKinds(series, kinds)
}

export async function askSeries(
  connection: Connection,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<Series> {
  const question = { path: '/query?show=series', timeoutMs, maxBytes: MAX_LIST_BYTES }
  return (await ask(connection, question, { read: readSeries, signal })).value
}

export function readSeries(body: string): Series {
  // What the device sends when nothing is configured.
  if (body === '{"series":]}') return []
  const result = seriesSchema.safeParse(parseAnswer(body))
  if (!result.success) throw new AnswerProblem('not the list of series that was expected')
  const { series } = result.data
  if (series.length > MAX_CHANNELS)
    throw new AnswerProblem(`${series.length} channels, where ${MAX_CHANNELS} are the most`)
  return series.map(readChannel)
}

/** The configuration takes no longer name either. */
const MAX_NAME_LENGTH = 100

/** What can be asked for keeps its name, letter for letter; the rest is only shown. */
function readChannel({ name, unit }: { name: string; unit: string }): Series[number] {
  const problem =
    name.length > MAX_NAME_LENGTH ? `its name is longer than ${MAX_NAME_LENGTH} characters` : nameProblem(name)
  const shown = printableName(unit)
  return problem === undefined ? { name, unit: shown } : { name: printableName(name), unit: shown, problem }
}

/** Undefined when the device does not tell. */
export function readKinds(body: string): Kinds | undefined {
  const result = kindsSchema.safeParse(parseAnswer(body))
  return result.success ? result.data : undefined
}

export function withKinds(series: Series, kinds: Kinds | undefined): DeviceChannel[] {
  const inputCount = kinds?.inputs.length ?? 0
  const isComplete = kinds !== undefined && isListOf(series, kinds)
  return series.map((channel, index) => ({
    ...channel,
    kind: !isComplete ? 'unknown' : index < inputCount ? 'input' : 'output',
  }))
}

/** Whether the list has these inputs, then these outputs: only the outputs have names in both. */
export function isListOf(series: Series, { inputs, outputs }: Kinds): boolean {
  return (
    series.length === inputs.length + outputs.length &&
    outputs.every((output, index) => isNamed(at(series, inputs.length + index), output.name))
  )
}

function isNamed(channel: Series[number], name: string): boolean {
  return channel.name === name || (channel.problem !== undefined && channel.name === printableName(name))
}

export function firstOfEachName(channels: readonly DeviceChannel[]): DeviceChannel[] {
  const names = new Set<string>()
  return channels.filter(({ name }) => !names.has(name) && names.add(name))
}

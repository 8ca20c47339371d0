import * as z from 'zod'
import type { DeviceChannel } from '../model/device.ts'
import { AnswerProblem, parseAnswer } from './answer-problem.ts'
import { ask } from './ask.ts'
import type { Connection } from './connection.ts'

const MAX_LIST_BYTES = 256 * 1024

const seriesSchema = z.object({ series: z.array(z.object({ name: z.string(), unit: z.string() })) })
const kindsSchema = z.object({ inputs: z.array(z.unknown()), outputs: z.array(z.object({ name: z.string() })) })

type Series = z.infer<typeof seriesSchema>['series']
type Kinds = z.infer<typeof kindsSchema>

/** What can be asked of the device, inputs first; an output with the name of an input cannot, and is left out. */
export async function listChannels(
  connection: Connection,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<readonly DeviceChannel[]> {
  const limits = { timeoutMs, maxBytes: MAX_LIST_BYTES }
  const list = { path: '/query?show=series', text: '/query?show=series', ...limits }
  const live = { path: '/status?inputs=&outputs=', text: '/status?inputs=&outputs=', ...limits }
  const { value: series } = await ask(connection, list, { read: readSeries, signal })
  const { value: kinds } = await ask(connection, live, { read: readKinds, signal })
  return firstOfEachName(withKinds(series, kinds))
}

export function readSeries(body: string): Series {
  // What the device sends when nothing is configured.
  if (body === '{"series":]}') return []
  const result = seriesSchema.safeParse(parseAnswer(body))
  if (!result.success) throw new AnswerProblem('not the list of series that was expected')
  return result.data.series
}

/** Undefined when the device does not tell. */
export function readKinds(body: string): Kinds | undefined {
  const result = kindsSchema.safeParse(parseAnswer(body))
  return result.success ? result.data : undefined
}

/** The list has the inputs, then the outputs, but only the outputs have names elsewhere. */
export function withKinds(series: Series, kinds: Kinds | undefined): DeviceChannel[] {
  const inputCount = kinds?.inputs.length ?? 0
  const isWhole =
    kinds !== undefined &&
    series.length === inputCount + kinds.outputs.length &&
    kinds.outputs.every((output, index) => series[inputCount + index]?.name === output.name)
  return series.map(({ name, unit }, index) => ({
    name,
    unit,
    kind: !isWhole ? 'unknown' : index < inputCount ? 'input' : 'output',
  }))
}

function firstOfEachName(channels: readonly DeviceChannel[]): DeviceChannel[] {
  const names = new Set<string>()
  return channels.filter(({ name }) => !names.has(name) && names.add(name))
}

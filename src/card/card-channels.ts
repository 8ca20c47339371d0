import type { DeviceChannel } from '../model/device.ts'
import { NO_NAME, type CardConfig, type CardOutput } from './card-config.ts'
import { parseFormula, type Formula } from './formula.ts'

/** What the device lists, inputs first; an output with the name of an input cannot be asked for, and is left out. */
export function listCardChannels(config: CardConfig): readonly DeviceChannel[] {
  const inputs = listedInputs(config).map(({ name, type }) => {
    return { name, unit: type === 'VT' ? 'Volts' : 'Watts', kind: 'input' as const }
  })
  const outputs = config.outputs
    .filter((output) => !usesIntegrator(output))
    .map(({ name, units }) => ({ name, unit: units, kind: 'output' as const }))
  return [...inputs, ...outputs]
    .filter(({ name }, index, all) => all.findIndex((channel) => channel.name === name) === index)
    .map((channel) => (channel.name === NO_NAME ? { ...channel, problem: 'it has no name in config.txt' } : channel))
}

/** Those of a type that the device knows. */
export function listedInputs({ inputs }: CardConfig): CardConfig['inputs'] {
  return inputs.filter(({ type }) => type !== 'unknown')
}

/** Undefined for a name that is not listed. */
export function findFormula({ inputs, outputs }: CardConfig, name: string): Formula | undefined {
  if (name === NO_NAME) return undefined
  const input = inputs.find((candidate) => candidate.name === name)
  if (input !== undefined) return parseFormula(`@${input.channel}`)
  const output = outputs.find((candidate) => candidate.name === name)
  return output === undefined || usesIntegrator(output) ? undefined : parseFormula(output.script)
}

/** An integrator has a log of its own, which is not read here. */
export function usesIntegrator({ script }: CardOutput): boolean {
  return script.includes('!')
}

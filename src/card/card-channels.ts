import type { DeviceChannel } from '../model/device.ts'
import type { CardConfig, CardOutput } from './card-config.ts'
import { parseFormula, type Formula } from './formula.ts'

/** What the device lists, inputs first; an output with the name of an input cannot be asked for, and is left out. */
export function listCardChannels(config: CardConfig): readonly DeviceChannel[] {
  const inputs = config.inputs.map(({ name, type }) => {
    return { name, unit: type === 'VT' ? 'Volts' : 'Watts', kind: 'input' as const }
  })
  const outputs = config.outputs
    .filter((output) => !usesIntegrator(output))
    .map(({ name, units }) => ({ name, unit: units, kind: 'output' as const }))
  return [...inputs, ...outputs].filter(
    ({ name }, index, all) => all.findIndex((channel) => channel.name === name) === index,
  )
}

/** Undefined for a name that is not listed. */
export function findFormula({ inputs, outputs }: CardConfig, name: string): Formula | undefined {
  const input = inputs.find((candidate) => candidate.name === name)
  if (input !== undefined) return parseFormula(`@${input.channel}`)
  const output = outputs.find((candidate) => candidate.name === name)
  return output === undefined || usesIntegrator(output) ? undefined : parseFormula(output.script)
}

/** An integrator has a log of its own, which is not read here. */
export function usesIntegrator({ script }: CardOutput): boolean {
  return script.includes('!')
}

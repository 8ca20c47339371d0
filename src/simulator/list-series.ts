import { listedInputs } from '../card/card-channels.ts'
import type { CardConfig } from '../card/card-config.ts'

/** The body of the answer to `show=series`: names are printed as they are, without escapes. */
export function listSeries(config: CardConfig): string {
  const series = [
    ...listedInputs(config).map(({ name, type }) => ({ name, unit: type === 'VT' ? 'Volts' : 'Watts' })),
    ...config.outputs.map(({ name, units }) => ({ name, unit: units })),
  ]
  if (series.length === 0) return '{"series":]}'
  return `{"series":[${series.map(({ name, unit }) => `{"name":"${name}","unit":"${unit}"}`).join(',')}]}`
}

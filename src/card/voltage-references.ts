import type { CardConfig } from './card-config.ts'
import type { VoltageReference } from './measure.ts'

/** Which voltage each channel is measured against, by the channel's number. */
export function voltageReferences(config: CardConfig): readonly (VoltageReference | undefined)[] {
  const references: (VoltageReference | undefined)[] = []
  for (const { channel, voltageChannel, voltageFactor } of config.inputs)
    references[channel] = { channel: voltageChannel, factor: voltageFactor }
  return references
}

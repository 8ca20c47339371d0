/** Where the samples of a channel go in a store that knows points: texts in which words in braces stand for something of it. */
export interface PointTemplates {
  readonly measurement: string
  /** Left out: the labels as they are. One that comes to nothing is no tag. */
  readonly tags?: Readonly<Record<string, string>>
  readonly field: string
}

export const DEFAULT_TEMPLATES: PointTemplates = { measurement: '{metric}', field: 'value' }

/** What the words in braces stand for; `unit` as an IoTaWatt writes it. */
export type TemplateValues = Readonly<Record<(typeof TEMPLATE_WORDS)[number], string>>

export const TEMPLATE_WORDS = ['metric', 'device', 'location', 'unit'] as const

export function fillTemplate(template: string, { metric, device, location, unit }: TemplateValues): string {
  const values = new Map([
    ['{metric}', metric],
    ['{device}', device],
    ['{location}', location],
    ['{unit}', unit],
  ])
  return template.replace(/\{\w+\}/g, (word) => values.get(word) ?? word)
}

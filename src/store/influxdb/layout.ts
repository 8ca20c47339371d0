import { DEFAULT_TEMPLATES, fillTemplate, type PointTemplates } from '../../model/point-template.ts'
import { seriesKey, type Labels } from '../../model/series.ts'
import { isAskedFor, type SeriesQuery, StoreError } from '../../model/store.ts'
import { storedKey, storedLabels } from '../stored-labels.ts'
import type { Source } from './influxql.ts'

/** What the templates are for: the channels of the configuration, and how their labels come about. */
export interface ChannelNames {
  readonly devices: readonly string[]
  /** The metrics of channels, each with its unit as an IoTaWatt writes it. */
  readonly units: ReadonlyMap<string, string>
  labelsOf(channel: { readonly metric: string; readonly device: string; readonly location: string }): Labels
}

/** What InfluxDB knows a series by. */
export interface Point {
  readonly measurement: string
  readonly tags: Labels
  readonly field: string
}

/** Where series that were asked for may lie, and perhaps others. */
export interface Place {
  readonly source: Source
  /** A name, or what all names fit. */
  readonly field: string | RegExp
  readonly tags: Labels
}

export function pointKey({ measurement, tags, field }: Point): string {
  return JSON.stringify([measurement, field, seriesKey(storedLabels(tags))])
}

export type Layout = ReturnType<typeof createLayout>

/**
 * Labels as points and back; a point is of one series alone, whatever the templates say.
 * Series of channels lie where the templates say; all others (and those of channels whose labels do not follow from
 * the rules) as they are: the metric is the measurement, the labels are the tags.
 */
export function createLayout(templates: PointTemplates, channels: ChannelNames) {
  const isTemplated =
    templates.tags !== undefined ||
    templates.measurement !== DEFAULT_TEMPLATES.measurement ||
    templates.field !== DEFAULT_TEMPLATES.field
  const points = new Map<string, Point>()

  function placeLabels(labels: Labels): Point {
    const stored = storedLabels(labels)
    const { __name__: metric = '', ...tags } = stored
    if (!isTemplated || !isOfChannel(stored))
      return mapPoint({ measurement: metric, tags, field: DEFAULT_TEMPLATES.field }, storedText)
    const { device = '', location = '' } = stored
    const fill = (text: string) =>
      fillTemplate(text, { metric, device, location, unit: channels.units.get(metric) ?? '' })
    const filled = {
      measurement: fill(templates.measurement),
      tags: templates.tags ? mapTexts(templates.tags, fill) : tags,
      field: fill(templates.field),
    }
    return mapPoint(filled, storedText)
  }

  /** Labels that the tags do not hold must follow from those that the templates do. */
  function isOfChannel(labels: Labels): boolean {
    const { __name__: metric = '', device = '', location } = labels
    if (location === undefined || !channels.units.has(metric) || !channels.devices.includes(device)) return false
    return !templates.tags || seriesKey(channels.labelsOf({ metric, device, location })) === seriesKey(labels)
  }

  /** Channels first: a series that lies as it is must not take the place of one. */
  function* candidates(point: Point): Generator<Labels> {
    const { measurement, tags, field } = point
    for (const [metric, unit] of isTemplated ? channels.units : [])
      if (!templates.tags) yield { __name__: metric, ...tags }
      else
        for (const device of channels.devices) {
          const location = locationIn(point, templates, { metric, device, unit })
          if (location !== undefined) yield channels.labelsOf({ metric, device, location })
        }
    if (field === DEFAULT_TEMPLATES.field) yield { __name__: measurement, ...tags }
  }

  /** Undefined for what is no series of this program. */
  function labelsOf(point: Point): Labels | undefined {
    const key = pointKey(point)
    for (const labels of candidates(mapPoint(point, originalText)))
      if (pointKey(placeLabels(labels)) === key) return labels
    return undefined
  }

  /** @throws StoreError `rejected` where another series has the same point. */
  function pointOf(labels: Labels): Point {
    const key = storedKey(labels)
    const known = points.get(key)
    if (known) return known
    const point = placeLabels(labels)
    const owner = labelsOf(point)
    if (owner === undefined || seriesKey(owner) !== key) throw explainShared(labels, owner, point)
    points.set(key, point)
    return point
  }

  function placesOf(query: Pick<SeriesQuery, 'metrics' | 'device'>): readonly Place[] {
    const { metrics, device } = query
    const plain: Place = {
      source: { names: metrics.map((metric) => storedText(metric, 'measurement')) },
      field: DEFAULT_TEMPLATES.field,
      tags: typeof device === 'string' ? { device: storedText(device, 'tag') } : {},
    }
    if (!isTemplated) return [plain]
    const devices = channels.devices.filter((name) => isAskedFor(query, { device: name }))
    const ofChannels = metrics.flatMap((metric) => {
      const unit = channels.units.get(metric)
      return unit === undefined ? [] : devices.map((name) => placeOf(templates, { metric, device: name, unit }))
    })
    return [plain, ...ofChannels]
  }

  return { pointOf, labelsOf, placesOf }
}

/** All of a channel but its location. */
interface Known {
  readonly metric: string
  readonly device: string
  readonly unit: string
}

const LOCATION = '{location}'

function locationIn(point: Point, templates: PointTemplates, known: Known): string | undefined {
  const parts = [
    { template: templates.measurement, text: point.measurement },
    { template: templates.field, text: point.field },
    ...Object.entries(templates.tags ?? {}).map(([name, template]) => ({ template, text: point.tags[name] ?? '' })),
  ]
  const part = parts.find(({ template }) => template.includes(LOCATION))
  return part && patternOf(part.template, known).exec(part.text)?.[1]
}

function placeOf({ measurement, tags = { device: '{device}' }, field }: PointTemplates, known: Known): Place {
  const fill = (text: string) => fillTemplate(text, { ...known, location: '' })
  const fixed = Object.entries(tags).filter(([, text]) => !text.includes(LOCATION) && fill(text) !== '')
  return {
    source: measurement.includes(LOCATION)
      ? { pattern: searchPattern(measurement, known) }
      : { names: [storedText(fill(measurement), 'measurement')] },
    field: field.includes(LOCATION) ? patternOf(storedText(field, 'field'), known) : storedText(fill(field), 'field'),
    tags: mapTexts(Object.fromEntries(fixed), (text) => storedText(fill(text), 'tag')),
  }
}

/** What a template comes to, whatever the location, which it captures. */
function patternOf(template: string, known: Known): RegExp {
  const [before = '', ...after] = template
    .split(LOCATION)
    .map((text) => escapeRegex(fillTemplate(text, { ...known, location: '' })))
  return new RegExp(`^${before}(.*)${after.join('.*')}$`, 's')
}

/** The same for InfluxDB: what is kept otherwise than it is written depends on its neighbours, and is left open. */
function searchPattern(template: string, known: Known): string {
  return template
    .split(LOCATION)
    .map((text) => fillTemplate(text, { ...known, location: '' }))
    .map((text) => (/[\\\r\n\u241b#]/.test(text) ? '.*' : escapeRegex(text)))
    .join('.*')
}

function escapeRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')
}

function mapTexts(texts: Labels, change: (text: string) => string): Labels {
  return storedLabels(Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, change(text)])))
}

function mapPoint(
  { measurement, tags, field }: Point,
  change: (text: string, part: 'measurement' | 'tag' | 'field') => string,
): Point {
  const pairs = Object.entries(tags).map(([name, value]) => [change(name, 'tag'), change(value, 'tag')] as const)
  return {
    measurement: change(measurement, 'measurement'),
    tags: Object.fromEntries(pairs),
    field: change(field, 'field'),
  }
}

/** Stands before a letter for what the line protocol cannot carry, and for itself twice. */
const ESCAPE = '\u241b'

const NAMES = [
  ['n', '\n'],
  ['r', '\r'],
  ['b', '\\'],
  ['q', '"'],
  ['h', '#'],
  ['t', '\t'],
  [ESCAPE, ESCAPE],
] as const
const NAME_OF: ReadonlyMap<string, string> = new Map(NAMES.map(([name, sign]) => [sign, name]))
const SIGN_OF: ReadonlyMap<string, string> = new Map(NAMES)

/**
 * A text as InfluxDB can keep it. The line protocol knows no way to write the end of a line, or a backslash before a
 * sign that it would escape; a field key has no quotes, and a measurement does not begin as a comment or with a space. InfluxQL reads a
 * carriage return as the end of a line.
 */
export function storedText(text: string, part: 'measurement' | 'tag' | 'field'): string {
  const plain = text.replace(/[\r\n\u241b]|\\(?=[,= "'\r\n]|$)/g, escaped)
  if (part === 'field') return plain.replaceAll('"', escaped)
  return part === 'measurement' ? plain.replace(/^[#\t]/, escaped) : plain
}

/** The text that was meant; one that another program wrote stays as it is. */
export function originalText(stored: string): string {
  return stored.replace(/\u241b(.)/gsu, (found, name: string) => SIGN_OF.get(name) ?? found)
}

function escaped(sign: string): string {
  return `${ESCAPE}${NAME_OF.get(sign) ?? ''}`
}

function explainShared(labels: Labels, owner: Labels | undefined, { measurement, tags, field }: Point): StoreError {
  const where = `measurement ${JSON.stringify(measurement)}, tags ${JSON.stringify(tags)}, field ${JSON.stringify(field)}`
  const message =
    owner === undefined
      ? `${describe(labels)} would not be found again in InfluxDB: ${where}`
      : `${describe(labels)} and ${describe(owner)} would be one series in InfluxDB: ${where}`
  return new StoreError('rejected', message, {
    hint: 'let store.measurement, store.tags and store.field tell them apart: {metric}, {device} and {location}, with a sign between them that no name has',
  })
}

function describe({ __name__: metric = '', ...labels }: Labels): string {
  return `${metric}${JSON.stringify(labels)}`
}

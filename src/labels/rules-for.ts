import type { Channel, LabelRule } from '../model/channel.ts'
import { type Labels, seriesKey } from '../model/series.ts'
import { exactPattern } from './label-pattern.ts'
import { type LabelOptions, labelsFor } from './labels-for.ts'

/** A channel, and the labels that its series shall have: of one channel at least. */
export interface ExpectedLabels {
  readonly channel: Pick<Channel, 'metric' | 'location'>
  readonly labels: Labels
}

/** What a rule may set. */
const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/

/**
 * All rules, those that apply now included, that give these channels these labels; undefined where none do: no rule
 * takes `source` away, and two channels of one location have the same labels.
 */
export function rulesFor(
  expected: readonly ExpectedLabels[],
  { rules, ...series }: LabelOptions,
): readonly LabelRule[] | undefined {
  const shorter = withoutLabels(rules, labelsToRemove(expected, { ...series, rules }))
  const shared = expected.map((each) => missing(each, { ...series, rules: shorter })).reduce(commonOf)
  const broad = Object.keys(shared).length === 0 ? shorter : [...shorter, { match: '*', set: shared }]
  const own = expected.flatMap((each) => {
    const set = missing(each, { ...series, rules: broad })
    return Object.keys(set).length === 0 ? [] : [{ match: exactPattern(each.channel.location), set }]
  })
  const all = [...broad, ...distinct(own)]
  const isRight = ({ channel, labels }: ExpectedLabels) =>
    seriesKey(labelsFor(channel, { ...series, rules: all })) === seriesKey(labels)
  const isWritable = all.every(({ set }) => Object.keys(set).every((name) => LABEL_NAME.test(name)))
  return isWritable && expected.every(isRight) ? all : undefined
}

/** Words that some readers of YAML take for something else than a text. */
const SPECIAL = /^(?:true|false|null|yes|no|on|off|y|n)$/i

/** The rules as they stand in a configuration. */
export function formatRules(rules: readonly LabelRule[]): string[] {
  const key = (name: string) => (SPECIAL.test(name) ? JSON.stringify(name) : name)
  const pairs = (set: Labels) => Object.entries(set).map(([name, value]) => `${key(name)}: ${JSON.stringify(value)}`)
  if (rules.length === 0) return ['labels: []']
  const lines = rules.map(
    ({ match, set }) => `  - { match: ${JSON.stringify(match)}, set: { ${pairs(set).join(', ')} } }`,
  )
  return ['labels:', ...lines]
}

function labelsToRemove(expected: readonly ExpectedLabels[], options: LabelOptions): ReadonlySet<string> {
  return new Set(
    expected.flatMap(({ channel, labels }) =>
      Object.keys(labelsFor(channel, options)).filter((name) => !(name in labels)),
    ),
  )
}

function withoutLabels(rules: readonly LabelRule[], names: ReadonlySet<string>): LabelRule[] {
  return rules
    .map(({ match, set }) => ({
      match,
      set: Object.fromEntries(Object.entries(set).filter(([name]) => !names.has(name))),
    }))
    .filter(({ set }) => Object.keys(set).length > 0)
}

function missing({ channel, labels }: ExpectedLabels, options: LabelOptions): Labels {
  const there = labelsFor(channel, options)
  return Object.fromEntries(Object.entries(labels).filter(([name, value]) => there[name] !== value))
}

function commonOf(a: Labels, b: Labels): Labels {
  return Object.fromEntries(Object.entries(a).filter(([name, value]) => b[name] === value))
}

function distinct(rules: readonly LabelRule[]): LabelRule[] {
  return [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()]
}

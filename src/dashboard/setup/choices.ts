import type { HouseFile, MoneyFile, Setup } from '../api/answers.ts'
import { type MoneyChoices, moneyChoicesOf, moneySettingsOf, rebaseMoney } from './money-choices.ts'

export type Role = Setup['channels'][number]['role']
export type Wiring = NonNullable<HouseFile['wiring']>
export type Colour = NonNullable<HouseFile['colours']>[string]
type Selector = NonNullable<HouseFile['mains']>

/** Empty: its id, and the tint that follows from its group. */
interface Looks {
  readonly name: string
  readonly colour: Colour | ''
}

export interface ChannelChoice extends Looks {
  readonly role: Role
  /** The key of it; empty: of none. */
  readonly group: string
}

export interface GroupChoice extends Looks {
  /** The name that it had at first, so that it can be renamed. */
  readonly key: string
}

/** What a person has chosen of the house. */
export interface Choices {
  /** Empty: that of the machine. */
  readonly timezone: string
  /** Undefined: nobody has told. */
  readonly wiring: Wiring | undefined
  /** By location, as the configuration does. */
  readonly channels: ReadonlyMap<string, ChannelChoice>
  readonly groups: readonly GroupChoice[]
  /** Undefined where it cannot be set up here. */
  readonly money: MoneyChoices | undefined
}

/** The choices of a person, and the answer that they were begun from. */
export interface SetupDraft {
  readonly setup: Setup
  readonly choices: Choices
  /** Whether there is something to be saved. */
  readonly isChanged: boolean
}

export function draftOf(setup: Setup, choices: Choices): SetupDraft {
  return { setup, choices, isChanged: !isEqual(sectionsOf(choicesOf(setup), setup), sectionsOf(choices, setup)) }
}

export interface Sections {
  readonly house: HouseFile
  readonly money?: MoneyFile
}

/** What is sent to be looked at, and to be saved. */
export function sectionsOf(choices: Choices, setup: Setup): Sections {
  const { money } = choices
  return { house: settingsOf(choices, setup), ...(money && { money: moneySettingsOf(money, setup) }) }
}

/** What counts where the file does not say. */
const MAINS: Selector = { pair: 'Mains' }
const SOLAR: Selector = { solar: 'Both' }

/** What the file says; where it says nothing of the house, what is proposed. */
export function choicesOf(setup: Setup): Choices {
  return choicesFrom(setup.house ?? proposedHouse(setup), setup)
}

export function proposedChoices(setup: Setup): Choices {
  return choicesFrom(proposedHouse(setup), setup)
}

function proposedHouse({ proposal: { mains, solar, wiring, groups, timezone } }: Setup): HouseFile {
  return {
    ...(timezone.value !== undefined && { timezone: timezone.value }),
    ...(wiring && { wiring: wiring.value }),
    ...(mains && { mains: mains.locations }),
    ...(solar && { solar: solar.locations }),
    groups: Object.fromEntries(groups.map(({ name, locations }) => [name, locations])),
  }
}

/** Where a variable decides, what the daemon works with. */
function choicesFrom(house: HouseFile, setup: Setup): Choices {
  const { channels, variables } = setup
  const isFixed = (...keys: readonly string[]) => keys.some((key) => Object.hasOwn(variables, key))
  const groups = isFixed('groups') ? groupsInUse(channels) : Object.entries(house.groups ?? {})
  const colourOf = (key: string) => own(house.colours, key) ?? ''
  const roleOf = (channel: Channel): Role => {
    if (isFixed('mains', 'solar')) return channel.role
    if (selects(house.mains ?? MAINS, channel)) return 'mains'
    return selects(house.solar ?? SOLAR, channel) ? 'solar' : 'circuit'
  }
  const choiceOf = (channel: Channel): ChannelChoice => {
    const role = roleOf(channel)
    const group = role === 'circuit' ? groups.find(([, selector]) => selects(selector, channel)) : undefined
    return {
      role,
      group: group?.[0] ?? '',
      name: (isFixed('names') ? channel.name : own(house.names, channel.location)) ?? '',
      colour: isFixed('colours') ? (channel.colour ?? '') : colourOf(channel.location),
    }
  }
  return {
    timezone: house.timezone ?? '',
    wiring: house.wiring,
    channels: new Map(byLocation(channels).map((channel) => [channel.location, choiceOf(channel)])),
    groups: groups.map(([name]) => ({ key: name, name, colour: colourOf(name) })),
    money: moneyChoicesOf(setup),
  }
}

type Channel = Setup['channels'][number]

/** One of each location: two devices may have one of the same, which is chosen for both. */
export function byLocation(channels: readonly Channel[]): readonly Channel[] {
  return [...new Map(channels.toReversed().map((channel) => [channel.location, channel])).values()].toReversed()
}

function groupsInUse(channels: readonly Channel[]): readonly (readonly [string, Selector])[] {
  const names = [...new Set(channels.flatMap(({ group }) => group ?? []))]
  return names.map((name) => [name, channels.filter(({ group }) => group === name).map(({ location }) => location)])
}

function selects(selector: Selector, { labels, location, device }: Channel): boolean {
  if (isLocations(selector)) return selector.includes(location)
  const expected = Object.entries(selector)
  const found: Readonly<Record<string, string>> = { ...labels, location, device }
  return expected.length > 0 && expected.every(([name, value]) => own(found, name) === value)
}

function isLocations(selector: Selector): selector is readonly string[] {
  return Array.isArray(selector)
}

/** A location may be called like something that every object has. */
function own<Value>(values: Readonly<Record<string, Value>> | undefined, key: string): Value | undefined {
  return values && Object.hasOwn(values, key) ? values[key] : undefined
}

/** The section of the file: what means the same stays as it is written there. */
export function settingsOf({ timezone, wiring, channels, groups }: Choices, setup: Setup): HouseFile {
  const { house, variables } = setup
  const choose = openSelectors(channels, setup)
  const mains = choose(({ role }) => role === 'mains', house && (house.mains ?? MAINS))
  const solar = choose(({ role }) => role === 'solar', house && (house.solar ?? SOLAR))
  const grouped = groups.map(
    ({ key, name }) =>
      [name, choose((choice) => choice.role === 'circuit' && choice.group === key, own(house?.groups, key))] as const,
  )
  const names = [...channels].map(([location, { name }]) => [location, name.trim()] as const)
  const colours = [
    ...[...channels].map(([location, { colour }]) => [location, colour] as const),
    ...groupColours(groups),
  ]
  const colourKeys = [...channels.keys(), ...Object.keys(house?.groups ?? {})]
  const shownNames = merged(house?.names, names, [...channels.keys()])
  const shownColours = merged(house?.colours, colours, colourKeys)
  const settings: Draft = {
    ...(timezone !== '' && { timezone }),
    ...(wiring && { wiring }),
    ...((house?.mains ?? mains) !== MAINS && { mains }),
    ...((house?.solar ?? solar) !== SOLAR && { solar }),
    ...((house?.groups ?? grouped[0]) && { groups: Object.fromEntries(grouped) }),
    ...((house?.names ?? hasKeys(shownNames)) && { names: shownNames }),
    ...((house?.colours ?? hasKeys(shownColours)) && { colours: shownColours }),
  }
  const keep = (key: keyof HouseFile) => {
    delete settings[key]
    Object.assign(settings, house?.[key] !== undefined && { [key]: house[key] })
  }
  KEYS.filter((key) => Object.hasOwn(variables, key)).forEach(keep)
  return settings
}

type Draft = { -readonly [Key in keyof HouseFile]: HouseFile[Key] }
const KEYS = [
  'timezone',
  'wiring',
  'mains',
  'solar',
  'groups',
  'names',
  'colours',
] as const satisfies (keyof HouseFile)[]

const hasKeys = (values: object): boolean => Object.keys(values).length > 0

/** Those of a channel of the same name are kept where the group has none. */
const groupColours = (groups: readonly GroupChoice[]) =>
  groups.filter(({ colour }) => colour !== '').map(({ name, colour }) => [name, colour] as const)

/** In their order of precedence: what one has taken, none after it has. */
function openSelectors(choices: Choices['channels'], { channels }: Setup) {
  const shown = byLocation(channels)
  const taken = new Set<string>()
  return (isChosen: (choice: ChannelChoice) => boolean, before: Selector | undefined): Selector => {
    const chosen = [...choices].filter(([, choice]) => isChosen(choice)).map(([location]) => location)
    const found = shown.filter((channel) => before && !taken.has(channel.location) && selects(before, channel))
    for (const location of chosen) taken.add(location)
    const isSame = found.length === chosen.length && found.every(({ location }) => chosen.includes(location))
    if (before && isSame) return before
    const listed = before && isLocations(before) ? before : []
    const kept = listed.filter((location) => chosen.includes(location) || !choices.has(location))
    return [...kept, ...chosen.filter((location) => !kept.includes(location))]
  }
}

/** In the order of the file; of what is not known here, what it says. */
function merged<Value extends string>(
  before: Readonly<Record<string, Value>> | undefined,
  chosen: readonly (readonly [string, Value | ''])[],
  known: readonly string[],
): Readonly<Record<string, Value>> {
  const values = new Map<string, Value | ''>(Object.entries(before ?? {}))
  for (const key of known) if (values.has(key)) values.set(key, '')
  for (const [key, value] of chosen) if (value !== '' || values.has(key)) values.set(key, value)
  return Object.fromEntries([...values].flatMap(([key, value]) => (value === '' ? [] : [[key, value]])))
}

/** Names of groups that more than one has: of these, the file could keep only one. */
export function repeatedGroups({ groups }: Choices): readonly string[] {
  const names = groups.map(({ name }) => name)
  return [...new Set(names.filter((name, index) => names.indexOf(name) < index))]
}

/** The choices on what the file has become meanwhile: what the person has not touched is as it is there. */
export function rebase(base: Choices, mine: Choices, theirs: Choices): Choices {
  const hasGroups = !isEqual(base.groups, mine.groups)
  const keys = newKeys(mine.groups, theirs.groups)
  const groups = hasGroups
    ? mine.groups.map((each) => ({ ...each, key: keys.get(each.key) ?? each.key }))
    : theirs.groups
  const pick = <Value>(before: Value | undefined, chosen: Value, found: Value): Value =>
    chosen === before ? found : chosen
  const channels = [...theirs.channels].map(([location, found]): [string, ChannelChoice] => {
    const [before, chosen] = [base.channels.get(location), mine.channels.get(location)]
    if (!chosen) return [location, found]
    const group = chosen.group === before?.group ? found.group : (keys.get(chosen.group) ?? chosen.group)
    return [
      location,
      {
        role: pick(before?.role, chosen.role, found.role),
        group: groups.some(({ key }) => key === group) ? group : '',
        name: pick(before?.name, chosen.name, found.name),
        colour: pick(before?.colour, chosen.colour, found.colour),
      },
    ]
  })
  return {
    timezone: pick(base.timezone, mine.timezone, theirs.timezone),
    wiring: pick(base.wiring, mine.wiring, theirs.wiring),
    channels: new Map(channels),
    groups,
    money: rebaseMoney(base.money, mine.money, theirs.money),
  }
}

/** What was added or renamed is in the file, once it is saved, under its name. */
function newKeys(mine: readonly GroupChoice[], theirs: readonly GroupChoice[]): ReadonlyMap<string, string> {
  const isFree = ({ name }: GroupChoice, index: number) =>
    theirs.some(({ key }) => key === name) &&
    mine.every((each, at) => at === index || ![each.key, each.name].includes(name))
  return new Map(mine.map((group, index) => [group.key, isFree(group, index) ? group.name : group.key]))
}

const isEqual = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** A channel, or the legs of one appliance, which are chosen together. */
export interface Row {
  /** What has the legs. */
  readonly appliance?: string
  readonly locations: readonly string[]
}

/** `apart`: appliances whose legs the person wants to choose one by one; so are those that differ. */
export function rowsOf({ channels }: Choices, { proposal }: Setup, apart: ReadonlySet<string>): readonly Row[] {
  const joined = proposal.legs
    .map(({ name, locations }) => ({ appliance: name, locations: locations.filter((each) => channels.has(each)) }))
    .filter(({ appliance, locations }) => {
      const together = locations.map((each) => ({ ...channels.get(each), name: '' }))
      return locations.length > 1 && !apart.has(appliance) && together.every((each) => isEqual(each, together[0]))
    })
  return [...channels.keys()].flatMap((location): readonly Row[] => {
    const row = joined.find(({ locations }) => locations.includes(location))
    if (!row) return [{ locations: [location] }]
    return row.locations[0] === location ? [row] : []
  })
}

import type { DeviceChannel } from '../model/device.ts'
import type { Wiring } from '../model/house-views.ts'
import {
  isExportName,
  isGridName,
  isHeatingName,
  isImport,
  isLeg,
  isLikelyMains,
  isLoadName,
  isSolarName,
  legOf,
  legsAmong,
  mainsWord,
} from './channel-names.ts'
import {
  absolute,
  follow,
  followsSun,
  type Hours,
  knownTogether,
  meanWatts,
  median,
  sumHours,
  waver,
  worksAtNight,
} from './hourly-watts.ts'

/** A channel in watts that is copied. */
export interface ProposalChannel {
  readonly location: string
  /** An output computes what inputs measure, so it counts only where no input does. */
  readonly kind: DeviceChannel['kind']
  /** Of the last days, the same hours for every channel; left out: they are not known. */
  readonly hours?: Hours
}

/** What these channels seem to be, and what that is read from. */
export interface Proposal {
  readonly locations: readonly string[]
  readonly reason: string
}

/** What is left out is not known: it is never guessed. */
export interface HouseProposal {
  readonly mains?: Proposal
  readonly solar?: Proposal
  /** Only where there are mains and solar. */
  readonly wiring?: { readonly value: Wiring; readonly reason: string }
  /** Of circuits; none is in two of them. */
  readonly groups: readonly (Proposal & { readonly name: string })[]
  /** What has legs, with the locations of these. */
  readonly legs: ReadonlyMap<string, readonly string[]>
}

/** What is known already, and is not to be proposed. */
export interface KnownRoles {
  readonly mains?: readonly string[] | undefined
  readonly solar?: readonly string[] | undefined
}

export const HEATING = 'Heating and cooling'

/** What the channels of a house are, by their names and by what they measured in the last days. */
export function proposeHouse(channels: readonly ProposalChannel[], known: KnownRoles = {}): HouseProposal {
  const inputs = channels.filter(({ kind }) => kind !== 'output')
  const outputs = channels.filter(({ kind }) => kind === 'output')
  const sunny = known.solar
    ? inputs.filter(({ location }) => known.solar?.includes(location))
    : (findSolar(inputs)?.channels ?? [])
  const mains = known.mains
    ? { locations: known.mains, reason: '' }
    : (mainsByName(inputs, sunny) ?? mainsByWatts(inputs, sunny) ?? mainsByName(outputs, sunny))
  const found = known.solar ? { locations: known.solar, reason: '' } : solarOf(inputs, outputs, mains?.locations ?? [])
  const solar = found && { ...found, locations: found.locations.filter((each) => !mains?.locations.includes(each)) }
  const roles = { mains: mains?.locations ?? [], solar: solar?.locations ?? [] }
  const wiring = proposeWiring(channels, roles)
  return {
    ...(mains && { mains }),
    ...(solar && solar.locations.length > 0 && { solar }),
    ...(wiring && { wiring }),
    ...groupCircuits(channels, roles),
  }
}

type Channels = readonly ProposalChannel[]

const locationsOf = (channels: Channels) => [...new Set(channels.map(({ location }) => location))]
const hoursOf = (channels: Channels) => sumHours(channels.map(({ hours = [] }) => hours))
const without = (channels: Channels, others: Channels) => channels.filter((channel) => !others.includes(channel))
const among = (channels: Channels, locations: readonly string[]) =>
  channels.filter(({ location }) => locations.includes(location))

const BY_NAME = 'by name'

interface FoundSolar {
  readonly channels: Channels
  readonly isNamed: boolean
}

function findSolar(inputs: Channels): FoundSolar | undefined {
  const named = inputs.filter(({ location, hours = [] }) => isSolarName(location) && !worksAtNight(hours))
  // `Solar` beside `Solar_1` and `Solar_2` is their sum.
  const stems = locationsOf(named).map((location) => legOf(location)?.stem.toLowerCase())
  const isSum = (location: string) => stems.filter((stem) => stem === location.toLowerCase()).length > 1
  const parts = named.filter(({ location }) => !isSum(location))
  if (parts.length > 0) return { channels: parts, isNamed: true }
  const seen = inputs.filter(
    ({ location, hours = [] }) => !isLoadName(location) && mainsWord(location) === undefined && followsSun(hours),
  )
  return seen.length > 0 ? { channels: seen, isNamed: false } : undefined
}

/** What the sun drives, but not a load such as the cooling of an office, with which the mains rise. */
function solarOf(inputs: Channels, outputs: Channels, mains: readonly string[]): Proposal | undefined {
  const solar = findSolar(inputs)
  if (!solar) {
    const named = outputs.filter(({ location }) => isSolarName(location))
    return named.length === 1 ? { locations: locationsOf(named), reason: BY_NAME } : undefined
  }
  const power = hoursOf(among(inputs, mains))
  const isLoad = (channel: ProposalChannel) => {
    const cause = absolute(hoursOf(inStepWith(channel, solar.channels)))
    const byDay = follow(power, cause, 'day')
    // Days that are all alike tell nothing.
    return (byDay.error < 0.2 ? byDay : follow(power, cause)).slope > 0.5
  }
  if (solar.isNamed) return { locations: locationsOf(solar.channels), reason: BY_NAME }
  const driven = solar.channels.filter((channel) => !isLoad(channel))
  return { locations: locationsOf(driven), reason: 'at rest by night, and follows the sun by day' }
}

/** The mains have one name, and several legs or none: of two names, each may be the sum of the other. */
function mainsByName(channels: Channels, solar: Channels): Proposal | undefined {
  const families = new Map<string, ProposalChannel[]>()
  const isHalved = channels.some(({ location }) => isExportName(location))
  for (const channel of without(channels, solar)) {
    const word = mainsWord(channel.location)
    if (word !== undefined && !(isHalved && isImport(word)))
      families.set(word, [...(families.get(word) ?? []), channel])
  }
  const sure = [...families].filter(([word]) => !isLikelyMains(word))
  const [first, second] = (sure.length > 0 ? sure : [...families])
    .map(([word, members]) => ({ word, members: withoutTotal(members) }))
    .toSorted((a, b) => b.members.length - a.members.length)
  if (!first || first.members.length === second?.members.length) return undefined
  const { word, members } = first
  const locations = locationsOf(members)
  const isClear =
    word === 'phase'
      ? members.length > 1 && members.length <= MOST_MAINS
      : members.length === 1 || members.every(({ location }) => isLeg(location))
  // Two devices that use one name may measure the same feed twice.
  if (!isClear || locations.length < members.length) return undefined
  const power = sumHours(members.map(({ hours = [] }) => absolute(hours)))
  const supply = meanWatts(power) + meanWatts(hoursOf(solar))
  const largest = Math.max(0, ...without(without(channels, solar), members).map(({ hours = [] }) => meanWatts(hours)))
  return supply < largest ? undefined : { locations, reason: BY_NAME }
}

/** `Mains` beside `Mains_1` and `Mains_2` is their sum. */
function withoutTotal(members: Channels): Channels {
  const legs = members.filter(({ location }) => isLeg(location))
  return legs.length > 1 ? legs : members
}

const MIN_HOURS = 48
const MOST_MAINS = 3
/** So many of the largest channels may be mains. */
const MOST_CANDIDATES = 5

/**
 * The fewest of the largest channels, one, two or three, that measure all that the others do: in every hour at least as
 * much as these together, and when they take a watt more, a watt more. Nobody where two choices would do.
 */
function mainsByWatts(inputs: Channels, solar: Channels): Proposal | undefined {
  const rest = without(inputs, solar).filter(({ hours = [] }) => meanWatts(hours) > 0)
  const candidates = rest
    .filter(({ location }) => !isLoadName(location))
    .toSorted((a, b) => meanWatts(b.hours ?? []) - meanWatts(a.hours ?? []))
    .slice(0, MOST_CANDIDATES)
  const made = absolute(hoursOf(solar))
  for (let count = 1; count <= MOST_MAINS; count++) {
    const large = subsets(candidates, count).flatMap((mains) => {
      const circuits = without(rest, mains)
      const power = hoursOf(mains)
      const loads = solar.length === 0 ? [power] : [power, sumHours([power, made])]
      const covering = circuits.length > 1 ? loads.filter((load) => covers(load, circuits)) : []
      return covering.length === 0 ? [] : [{ mains, isFed: covering.some((load) => feeds(load, circuits)) }]
    })
    // More of them would be large enough too, whatever they are.
    if (large.length === 0) continue
    const [only, ...others] = large.filter(({ isFed }) => isFed).map(({ mains }) => mains)
    const members = among(inputs, locationsOf(only ?? []))
    const isOne = others.length === 0 && members.length === only?.length
    return isOne ? { locations: locationsOf(members), reason: 'change with the sum of all other circuits' } : undefined
  }
  return undefined
}

function covers(load: Hours, circuits: Channels): boolean {
  const known = knownTogether(load, hoursOf(circuits))
  const covered = known.filter(([power, part]) => power >= part * 0.97 - 20)
  return known.length >= MIN_HOURS && covered.length >= known.length * 0.97
}

function feeds(load: Hours, circuits: Channels): boolean {
  const { slope, correlation } = follow(load, hoursOf(circuits))
  return (
    isAboutOne(slope, 0.25) &&
    correlation >= 0.6 &&
    // Each of the larger ones, with all that goes in step with it, is in it once: a third phase would be not, or twice.
    circuits
      .filter(({ hours = [] }) => waver(hours) >= waver(load) * 0.4)
      .every((circuit) => isAboutOne(follow(load, hoursOf(inStepWith(circuit, circuits))).slope, 0.5))
  )
}

function inStepWith({ hours = [] }: ProposalChannel, others: Channels): Channels {
  return others.filter((other) => follow(other.hours ?? [], hours).correlation > 0.9)
}

function isAboutOne(slope: number, tolerance: number): boolean {
  return Math.abs(slope - 1) <= tolerance
}

function subsets<T>(all: readonly T[], count: number): (readonly T[])[] {
  if (count === 0) return [[]]
  return all.flatMap((first, index) => subsets(all.slice(index + 1), count - 1).map((others) => [first, ...others]))
}

interface Roles {
  readonly mains: readonly string[]
  readonly solar: readonly string[]
}

const MIN_SUN_HOURS = 6
const BRIGHT_WATTS = 100

function proposeWiring(channels: Channels, { mains, solar }: Roles): HouseProposal['wiring'] {
  if (mains.length === 0 || solar.length === 0) return undefined
  const seen = wiringByWatts(channels, { mains, solar })
  if (seen) return seen
  return mains.every(isGridName) ? { value: 'behind', reason: 'the mains are called after the grid' } : undefined
}

/** Behind the sensors, the mains take less when the sun shines; ahead of them, that changes nothing. */
function wiringByWatts(channels: Channels, { mains, solar }: Roles): HouseProposal['wiring'] {
  const power = hoursOf(among(channels, mains))
  const made = absolute(hoursOf(among(channels, solar)))
  const hours = knownTogether(power, made)
  const bright = Math.max(BRIGHT_WATTS, 0.1 * Math.max(0, ...made.map((watts) => watts ?? 0)))
  const byDay = hours.flatMap(([watts, sun]) => (sun > bright ? [watts] : []))
  const byNight = hours.flatMap(([watts, sun]) => (sun > bright ? [] : [watts]))
  if (byDay.length < MIN_SUN_HOURS || byNight.length < MIN_SUN_HOURS || median(byNight) <= 0) return undefined
  if (byDay.filter((watts) => watts < -50).length > 1)
    return { value: 'behind', reason: 'the mains fall below 0 while the sun shines' }
  const { slope, error } = follow(power, made, 'day')
  if (slope + 2 * error < -0.5) return { value: 'behind', reason: 'the mains take less when the sun shines' }
  if (slope - 2 * error > -0.5)
    return { value: 'ahead', reason: 'the mains take the same whether the sun shines or not' }
  return undefined
}

/** What the configuration takes. */
const GROUP_NAME = /^.{1,60}$/

function groupCircuits(channels: Channels, { mains, solar }: Roles): Pick<HouseProposal, 'groups' | 'legs'> {
  const circuits = locationsOf(channels.filter(({ kind }) => kind !== 'output'))
    .filter((location) => !mains.includes(location) && !solar.includes(location))
    .filter((location) => mainsWord(location) === undefined && !isSolarName(location))
  const heating = circuits.filter(isHeatingName)
  const legs = legsAmong(circuits)
  const own = [...legs]
    .map(([name, locations]) => ({ name, locations: locations.filter((location) => !heating.includes(location)) }))
    .filter(({ name, locations }) => locations.length > 1 && GROUP_NAME.test(name))
    .map((group) => ({ ...group, reason: 'legs of one' }))
  const groups = heating.length > 1 ? [{ name: HEATING, locations: heating, reason: BY_NAME }, ...own] : own
  return { groups, legs: new Map([...legsAmong(solar), ...legs]) }
}

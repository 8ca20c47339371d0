import { createHash } from 'node:crypto'
import { at } from '../model/at.ts'
import {
  type ChannelSelector,
  type HouseChannel,
  type HouseSettings,
  type HouseView,
  OTHER_GROUP,
} from '../model/house-views.ts'
import { type Labels, seriesKey } from '../model/series.ts'
import { legOf, legsAmong } from './channel-names.ts'

/** A channel in watts, with the series that the store keeps of it. */
export interface PlannedChannel extends HouseChannel {
  readonly series: Labels
  readonly key: string
}

/** The channels of all devices with what they are in the house. */
export interface HousePlan {
  readonly settings: HouseSettings
  /** In the order of their keys, which every column follows: it does not depend on who told of them, or when. */
  readonly channels: readonly PlannedChannel[]
  /** Places of channels, these and those below in the order in which they are shown. */
  readonly shown: readonly number[]
  readonly mains: readonly number[]
  readonly solar: readonly number[]
  readonly circuits: readonly number[]
  /** By device, in the order of names, the places of its channels. */
  readonly devices: ReadonlyMap<string, readonly number[]>
  /** Whether days keep what costs are computed from. */
  readonly isPriced: boolean
  /** The same text for the same channels in the same roles: sums of another plan are of no use. */
  readonly fingerprint: string
}

/** Labels that say who a channel is, not what it is. */
const IDENTITY: ReadonlySet<string> = new Set(['__name__', 'location', 'device', 'source'])

export function planHouse(settings: HouseSettings, series: readonly Labels[], isPriced = false): HousePlan {
  const locations = series.map((labels) => labels['location'] ?? '')
  const listed = series.map((labels): PlannedChannel => {
    const location = labels['location'] ?? ''
    const device = labels['device'] ?? ''
    const isAlone = locations.indexOf(location) === locations.lastIndexOf(location)
    const role = isSelected(settings.mains, labels) ? 'mains' : isSelected(settings.solar, labels) ? 'solar' : 'circuit'
    const group = settings.groups.find(({ select }) => isSelected(select, labels))?.name ?? OTHER_GROUP
    const [name, colour] = [ownValue(settings.names, location), ownValue(settings.colours, location)]
    return {
      id: isAlone ? location : `${device}/${location}`,
      ...(name !== undefined && { name: isAlone ? name : `${device}/${name}` }),
      device,
      location,
      role,
      ...(role === 'circuit' && { group }),
      ...(colour !== undefined && { colour }),
      labels: Object.fromEntries(Object.entries(labels).filter(([name]) => !IDENTITY.has(name))),
      series: labels,
      key: seriesKey(labels),
    }
  })
  const channels = listed.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  const shown = listed.map((channel) => channels.indexOf(channel))
  const placesOf = (isOne: (channel: PlannedChannel) => boolean) =>
    listed.flatMap((channel, index) => (isOne(channel) ? [at(shown, index)] : []))
  const devices = new Set(channels.map(({ device }) => device))
  const roles = channels.map(({ key, role }) => [key, role])
  return {
    settings,
    channels,
    shown,
    mains: placesOf(({ role }) => role === 'mains'),
    solar: placesOf(({ role }) => role === 'solar'),
    circuits: placesOf(({ role }) => role === 'circuit'),
    devices: new Map([...devices].sort().map((name) => [name, placesOf(({ device }) => device === name)])),
    isPriced,
    fingerprint: createHash('sha256')
      .update(JSON.stringify([roles, settings.wiring, settings.timezone, ...(isPriced ? ['priced'] : [])]))
      .digest('hex')
      .slice(0, 16),
  }
}

/** A location may be called like something that every object has. */
function ownValue<Value>(values: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(values, key) ? values[key] : undefined
}

function isSelected(select: ChannelSelector, labels: Labels): boolean {
  if (isLocations(select)) return select.includes(labels['location'] ?? '')
  const expected = Object.entries(select)
  return expected.length > 0 && expected.every(([name, value]) => labels[name] === value)
}

function isLocations(select: ChannelSelector): select is readonly string[] {
  return Array.isArray(select)
}

export function houseView(
  { settings, channels: all, shown, mains, solar }: HousePlan,
  reversedPlaces: readonly number[] = [],
): HouseView {
  const channels = shown.map((place) => at(all, place))
  const circuits = channels.filter(({ role }) => role === 'circuit')
  const names = new Set([...settings.groups.map(({ name }) => name), OTHER_GROUP])
  const groups = [...names].map((name) => {
    const colour = ownValue(settings.colours, name)
    return {
      name,
      ...(colour !== undefined && { colour }),
      channels: circuits.filter(({ group }) => group === name).map(({ id }) => id),
    }
  })
  const { timezone, wiring, isConfigured } = settings
  const legs = [...names].flatMap((name) =>
    legsOf(
      name,
      circuits.filter(({ group }) => group === name),
    ),
  )
  return {
    timezone,
    wiring,
    isConfigured,
    hasMains: mains.length > 0,
    hasSolar: solar.length > 0,
    ...(reversedPlaces.length > 0 && { reversedSolar: reversedPlaces.map((place) => at(all, place).id) }),
    channels: channels.map(({ series: _series, key: _key, ...channel }) => channel),
    groups: groups.filter(({ channels: members }) => members.length > 0),
    ...(legs.length > 0 && { legs }),
    labelNames: [...new Set(circuits.flatMap(({ labels }) => Object.keys(labels)))].sort(),
  }
}

/** By the names that are shown; `L1` and `L2` alone are the legs of what their group is. */
function legsOf(group: string, circuits: readonly HouseChannel[]): NonNullable<HouseView['legs']> {
  const names = circuits.map(({ id, name = id }) => name)
  const isOne = group !== OTHER_GROUP && names.length > 1 && names.every((name) => legOf(name)?.stem === '')
  const found = isOne ? [[group, names] as const] : [...legsAmong(names)]
  return found.map(([name, legs]) => ({
    name,
    channels: circuits.filter(({ id, name: shown = id }) => legs.includes(shown)).map(({ id }) => id),
  }))
}

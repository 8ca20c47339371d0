import { houseSchema } from '../../config/file-schema.ts'
import { findMachineZone } from '../../config/machine-zone.ts'
import { type HouseProposal, proposeHouse, type ProposalChannel } from '../../house/propose-house.ts'
import { UNIT_NAMES } from '../../model/channel.ts'
import type { Wiring } from '../../model/house-views.ts'
import { didYouMean } from '../../model/nearest-name.ts'
import type { Finding } from '../../sync/check/check-device.ts'
import { UsageError } from '../exit-codes.ts'
import { withHours } from '../last-week.ts'
import { disagreement, proposeTimezone, type TimezoneProposal } from './house-timezone.ts'
import { type DeviceSetup, type HouseGroup, type HouseSetup, type InitRun, isGiven } from './setup.ts'

/** What flags say of the house; what they do not say is proposed, or asked. */
export interface GivenHouse {
  readonly mains?: readonly string[]
  readonly solar?: readonly string[]
  readonly wiring?: Wiring | undefined
  readonly groups?: readonly HouseGroup[]
  readonly timezone?: string
}

/** The channels in watts that are copied, with what they measured of late. */
export function houseChannels(devices: readonly DeviceSetup[]): ProposalChannel[] {
  return withHours(
    devices.map(({ channels, expected, week }) => ({
      week,
      channels: channels
        .filter(({ name, unit }) => expected.has(name) && unit === UNIT_NAMES.watts)
        .map(({ name, kind }) => ({ name, location: name, kind })),
    })),
  )
}

/** @throws UsageError */
export function givenHouse(
  { mains, solar, wiring, group, timezone }: InitRun['flags'],
  channels: readonly ProposalChannel[],
): GivenHouse {
  const known = channels.map(({ location }) => location)
  const given = { mains: readNames('--mains', mains, known), solar: readNames('--solar', solar, known) }
  const both = given.mains?.find((location) => given.solar?.includes(location))
  if (both !== undefined) throw new UsageError(`${both} is in --mains and in --solar; expected it in one of them`)
  const zoneProblem = timezone === undefined ? undefined : timezoneProblem(timezone)
  if (zoneProblem !== undefined) throw new UsageError(`--timezone ${timezone}: ${zoneProblem}`)
  return {
    ...(given.mains && { mains: given.mains }),
    ...(given.solar && { solar: given.solar }),
    wiring,
    ...(isGiven(group) && { groups: isNone(group) ? [] : readGroups(group, known) }),
    ...(timezone !== undefined && { timezone }),
  }
}

const NONE = 'none'

function isNone(flag: readonly string[]): boolean {
  return flag.length === 1 && flag[0] === NONE
}

function readNames(
  flag: string,
  given: readonly string[] | undefined,
  known: readonly string[],
): readonly string[] | undefined {
  if (!isGiven(given)) return undefined
  return isNone(given) ? [] : [...new Set(given.flatMap((text) => splitNames(flag, text, known)))]
}

/** No channel that can be copied has a comma in its name. */
function splitNames(flag: string, text: string, known: readonly string[]): string[] {
  const names = text.split(',').map((name) => name.trim())
  for (const name of names)
    if (!known.includes(name))
      throw new UsageError(
        `${flag} ${text}: no channel "${name}" is copied in watts${didYouMean(name, known)}; expected some of ${known.join(', ')}`,
      )
  return names
}

function readGroups(given: readonly string[], known: readonly string[]): HouseGroup[] {
  const groups = given.map((text) => readGroup(text, known))
  const names = groups.map(({ name }) => name)
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined)
    throw new UsageError(`--group ${repeated}=…: it is given twice; expected all its channels in one`)
  return groups
}

function readGroup(text: string, known: readonly string[]): HouseGroup {
  const [, name = '', names] = /^(.{1,60})=(.+)$/.exec(text) ?? []
  if (names === undefined)
    throw new UsageError(`--group ${text}: expected a name and its channels, as Heating=Furnace,Boiler`)
  return { name, locations: splitNames('--group', names, known) }
}

/** What is wrong with a wiring that is given; undefined when nothing is. */
export function wiringProblem(
  { wiring }: GivenHouse,
  { mains = [], solar }: Pick<HouseSetup, 'mains' | 'solar'>,
): string | undefined {
  const missing = mains.length === 0 ? 'mains' : 'solar'
  return wiring === undefined || (mains.length > 0 && solar.length > 0)
    ? undefined
    : `--wiring ${wiring}: it says how mains and solar are wired, and no channel is ${missing}; to name them: --${missing} NAME`
}

/** What is wrong with it; undefined when nothing is. */
export function timezoneProblem(text: string): string | undefined {
  const issue = houseSchema.shape.timezone.safeParse(text).error?.issues[0]
  return issue && `expected ${issue.message}`
}

export async function zoneProposal(devices: readonly DeviceSetup[], { env, deps }: InitRun): Promise<TimezoneProposal> {
  const { timezone } = await findMachineZone(env)
  return proposeTimezone(timezone, devices, deps.clock.nowMs())
}

/** From the flags, and what they leave out from what is proposed. */
export async function houseUnasked(
  devices: readonly DeviceSetup[],
  run: InitRun,
): Promise<{ readonly house: HouseSetup; readonly findings: readonly Finding[] }> {
  const channels = houseChannels(devices)
  const given = givenHouse(run.flags, channels)
  const proposal = proposeHouse(channels, given)
  const { mains, solar, wiring, groups, legs } = proposal
  const zone = given.timezone === undefined ? await zoneProposal(devices, run) : { ...given, reason: BY_FLAG }
  const other = given.timezone && disagreement(given.timezone, devices, run.deps.clock.nowMs())
  const house: HouseSetup = {
    mains: mains?.locations,
    solar: solar?.locations ?? [],
    wiring: given.wiring ?? wiring?.value,
    groups: given.groups ?? groups,
    legs,
    timezone: zone.timezone,
  }
  const problem = wiringProblem(given, house)
  if (problem !== undefined) throw new UsageError(problem)
  return {
    house,
    findings: [
      ...describeRoles(house, { given, proposal }),
      zone.timezone === undefined
        ? warn(`${zone.reason}; to say which is right: --timezone America/New_York (or your own)`)
        : good(`time zone ${zone.timezone} (${zone.reason})`),
      ...(other ? [warn(`${other}; one of them is wrong`)] : []),
    ],
  }
}

const good = (message: string): Finding => ({ verdict: 'GOOD', subject: 'house', message })
const warn = (message: string): Finding => ({ verdict: 'WARN', subject: 'house', message })

function describeRoles(
  { mains, solar, wiring, groups }: HouseSetup,
  { given, proposal }: { readonly given: GivenHouse; readonly proposal: HouseProposal },
): Finding[] {
  const why = (isGiven: unknown, { reason } = { reason: '' }) => (isGiven === undefined ? reason : BY_FLAG)
  const list = (locations: readonly string[]) => locations.join(', ') || NONE
  return [
    mains === undefined ? warn(NO_MAINS) : good(`mains: ${list(mains)} (${why(given.mains, proposal.mains)})`),
    ...(solar.length > 0 ? [good(`solar: ${list(solar)} (${why(given.solar, proposal.solar)})`)] : []),
    ...(mains === undefined || mains.length === 0 || solar.length === 0
      ? []
      : [wiring === undefined ? warn(NO_WIRING) : good(`${WIRED[wiring]} (${why(given.wiring, proposal.wiring)})`)]),
    ...(groups.length > 0 ? [good(`groups: ${list(groups.map(({ name }) => name))}`)] : []),
  ]
}

const NO_MAINS =
  'which channels are the mains is not known; to name them: --mains NAME; where they are not measured: --mains none'
const NO_WIRING =
  'whether the mains sensors see the grid or the load is not known; to say it: --wiring behind, or --wiring ahead'
const BY_FLAG = 'as given'
const WIRED: Readonly<Record<Wiring, string>> = {
  ahead: 'solar joins ahead of the mains sensors, which see the load',
  behind: 'solar joins behind the mains sensors, which see the grid',
}

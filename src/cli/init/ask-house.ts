import { proposeHouse, type Proposal, type ProposalChannel } from '../../house/propose-house.ts'
import type { Wiring } from '../../model/house-views.ts'
import { disagreement } from './house-timezone.ts'
import type { Choice, Prompts } from './prompts.ts'
import {
  type GivenHouse,
  givenHouse,
  houseChannels,
  timezoneProblem,
  wiringProblem,
  zoneProposal,
} from './set-up-house.ts'
import type { DeviceSetup, HouseGroup, HouseSetup, InitRun } from './setup.ts'

/** What the channels are, with a proposal for each answer; what a flag says is not asked. */
export async function askHouse(
  prompts: Prompts,
  run: InitRun & { readonly devices: readonly DeviceSetup[] },
): Promise<HouseSetup> {
  const channels = houseChannels(run.devices)
  const given = givenHouse(run.flags, channels)
  const proposed = proposeHouse(channels, given)
  const mains =
    given.mains ??
    (await askRole(prompts, 'Which channels are the mains? (none: they are not measured)', {
      channels,
      proposal: proposed.mains,
    }))
  const others = channels.filter(({ location }) => !mains.includes(location))
  const { solar: sunny } = proposeHouse(channels, { mains, solar: given.solar })
  const solar =
    given.solar ?? (await askRole(prompts, 'Which channels are solar?', { channels: others, proposal: sunny }))
  const problem = wiringProblem(given, { mains, solar })
  if (problem !== undefined) prompts.warn(problem)
  const { wiring: wired, groups: together, legs } = proposeHouse(channels, { mains, solar })
  const wiring =
    mains.length === 0 || solar.length === 0 ? undefined : (given.wiring ?? (await askWiring(prompts, wired)))
  const groups = given.groups ?? (await askGroups(prompts, together))
  return { mains, solar, wiring, groups, legs, timezone: await askTimezone(prompts, given, run) }
}

async function askRole(
  prompts: Prompts,
  question: string,
  { channels, proposal }: { readonly channels: readonly ProposalChannel[]; readonly proposal: Proposal | undefined },
): Promise<string[]> {
  const locations = [...new Set(channels.map(({ location }) => location))]
  if (locations.length === 0) return []
  const chosen = proposal?.locations ?? []
  const choices = locations.map((value) => ({
    value,
    label: value,
    ...(proposal && chosen.includes(value) && { hint: proposal.reason }),
  }))
  return prompts.chooseSome(question, choices, { chosen: (location) => chosen.includes(location), mayBeNone: true })
}

const WIRINGS: readonly Choice<Wiring>[] = [
  { value: 'behind', label: 'They see the grid', hint: 'below 0 while more is made than used' },
  { value: 'ahead', label: 'They see what the house uses', hint: 'solar joins ahead of them' },
]

function askWiring(
  prompts: Prompts,
  proposal: { readonly value: Wiring; readonly reason: string } | undefined,
): Promise<Wiring> {
  const why = proposal === undefined ? '' : ` (proposed first: ${proposal.reason})`
  const choices = WIRINGS.toSorted((a, b) => Number(b.value === proposal?.value) - Number(a.value === proposal?.value))
  return prompts.choose(`What do the sensors of the mains see?${why}`, choices)
}

async function askGroups(prompts: Prompts, groups: readonly HouseGroup[]): Promise<HouseGroup[]> {
  if (groups.length === 0) return []
  const choices = groups.map((group) => ({ value: group, label: group.name, hint: group.locations.join(', ') }))
  return prompts.chooseSome('Which circuits belong together?', choices, { chosen: () => true, mayBeNone: true })
}

async function askTimezone(
  prompts: Prompts,
  given: GivenHouse,
  run: InitRun & { readonly devices: readonly DeviceSetup[] },
): Promise<string> {
  const { devices, deps } = run
  const warnIfOther = (zone: string) => {
    const other = disagreement(zone, devices, deps.clock.nowMs())
    if (other !== undefined) prompts.warn(`${other}; one of them is wrong.`)
    return other !== undefined
  }
  if (given.timezone !== undefined) {
    warnIfOther(given.timezone)
    return given.timezone
  }
  const { timezone, reason } = await zoneProposal(devices, run)
  if (timezone === undefined) prompts.say(reason)
  for (;;) {
    const zone = await prompts.text('Time zone of the house', {
      ...(timezone === undefined ? { placeholder: 'America/New_York' } : { initial: timezone }),
      problem: timezoneProblem,
    })
    if (!warnIfOther(zone) || (await prompts.yesOrNo('Use it anyway?'))) return zone
  }
}

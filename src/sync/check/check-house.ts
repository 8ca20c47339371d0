import { type ChannelSelector, type HouseSettings, OTHER_GROUP } from '../../model/house-views.ts'
import { nearestName } from '../../model/nearest-name.ts'
import { DAY_MS, floorToMinute, HOUR_MS } from '../../model/time-window.ts'
import type { Finding } from './check-device.ts'
import { readRows } from '../copy/read-rows.ts'
import type { Session } from '../session/session.ts'
import type { Target } from '../session/target.ts'

/** What the configuration says of the house against the channels that there are. */
export function checkHouse(
  { mains, solar, groups, names, colours, isConfigured }: HouseSettings,
  targets: readonly Target[],
): Finding[] {
  if (!isConfigured) return []
  const parts = [
    { name: 'mains', select: mains },
    { name: 'solar', select: solar },
  ]
  const named = groups.map(({ name, select }) => ({ name: `groups.${name}`, select }))
  const groupNames = [OTHER_GROUP, ...groups.map(({ name }) => name)]
  const coloured = Object.keys(colours).filter((key) => !groupNames.includes(key))
  const shown = [
    { name: 'names', select: Object.keys(names) },
    { name: 'colours', select: coloured },
  ]
  return [...parts, ...named, ...shown].flatMap(({ name, select }) => checkSelector(`house.${name}`, select, targets))
}

function checkSelector(key: string, select: ChannelSelector, targets: readonly Target[]): Finding[] {
  if (!isLocations(select)) return []
  const locations = targets.map(({ channel }) => channel.location)
  return select
    .filter((location) => !locations.includes(location))
    .map((location) => {
      const nearest = nearestName(location, locations)
      const meant = nearest === undefined ? '' : `; did you mean ${nearest}?`
      return { verdict: 'WARN', subject: 'config', message: `${key}: no channel has the location ${location}${meant}` }
    })
}

/** Standby takes some watts, also of an inverter. */
const STANDBY_WATTS = 50

/** A channel of the inverters that has only taken energy in the last day. */
export async function checkSolar(session: Session, solar: ChannelSelector, signal: AbortSignal): Promise<Finding[]> {
  const { status, device, settings } = session
  const untilMs = floorToMinute(status.newestMs)
  const fromMs = Math.max(Math.ceil(status.firstMs / HOUR_MS) * HOUR_MS, untilMs - DAY_MS)
  const targets = session.targets
    .filter(({ channel }) => channel.unit === 'watts')
    .filter((target) => isSelected(solar, target))
  if (targets.length === 0 || untilMs - fromMs < DAY_MS / 2) return []
  const columns = targets.map(({ column }) => column)
  const rows = await readRows(device, { columns, window: { fromMs, untilMs }, step: 'hour' }, signal)
  return targets.flatMap(({ channel }, index): Finding[] => {
    const watts = rows.map(({ values }) => values[index] ?? 0)
    if (!watts.every((value) => value <= 0) || !watts.some((value) => value < -STANDBY_WATTS)) return []
    const message = `${channel.name} is solar, and was never positive in the last day: is its current transformer the wrong way round? On the device, tick "reverse" of this input`
    return [{ verdict: 'WARN', subject: settings.deviceName, message }]
  })
}

export function isSelected(selector: ChannelSelector, { channel, labels }: Target): boolean {
  if (isLocations(selector)) return selector.includes(channel.location)
  return Object.entries(selector).every(([name, value]) => labels[name] === value)
}

function isLocations(selector: ChannelSelector): selector is readonly string[] {
  return Array.isArray(selector)
}

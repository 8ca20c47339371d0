import { dirname, join, resolve } from 'node:path'
import type { StoreConfig } from '../../config/config.ts'
import { variableName } from '../../config/environment.ts'
import { fileSchema } from '../../config/file-schema.ts'
import { HEATING } from '../../house/propose-house.ts'
import { labelsFor } from '../../labels/labels-for.ts'
import { rulesFor } from '../../labels/rules-for.ts'
import { type LabelRule, UNIT_NAMES } from '../../model/channel.ts'
import type { Labels, StoredSeries } from '../../model/series.ts'
import { StoreError } from '../../model/store.ts'
import { MINUTE_MS, OLDEST_MS } from '../../model/time-window.ts'
import { explain } from '../../runtime/errors.ts'
import { isThere } from '../../runtime/is-there.ts'
import { plural } from '../../runtime/plural.ts'
import type { Finding } from '../../sync/check/check-device.ts'
import { openStore } from '../open-store.ts'
import type { DeviceSetup, HouseSetup, InitRun } from './setup.ts'

interface LabelsOf {
  readonly devices: readonly DeviceSetup[]
  readonly house: HouseSetup
}

interface LabelsRun extends Pick<InitRun, 'env' | 'file' | 'deps' | 'signal'> {
  readonly store: StoreConfig
}

/** Of a channel that nothing more is known of, now or later. */
const EVERY: readonly LabelRule[] = [{ match: '*', set: { type: 'Circuit' } }]

/** The rules that give each channel the labels that the store has it under, and else those of its part in the house. */
export async function chooseLabels(
  setup: LabelsOf,
  { store, ...run }: LabelsRun,
): Promise<{ readonly rules: readonly LabelRule[]; readonly findings: readonly Finding[] }> {
  const metric = run.env[variableName(['metric'])] || fileSchema.shape.metric.parse(undefined)
  try {
    const stored = await findStored(setup.devices, { ...run, store, metric })
    return rulesOfHouse(setup, { metric, stored })
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    const message = `whether the store has series of these devices, under other labels, is not known: ${explain(error)}`
    return { ...rulesOfHouse(setup, { metric, stored: [] }), findings: [warning(message)] }
  }
}

const warning = (message: string): Finding => ({ verdict: 'WARN', subject: 'labels', message })

async function findStored(
  devices: readonly DeviceSetup[],
  { store: config, metric, env, file, deps, signal }: LabelsRun & { readonly metric: string },
): Promise<readonly StoredSeries[]> {
  const stateDir = resolve(dirname(file), env[variableName(['stateDir'])] || fileSchema.shape.stateDir.parse(undefined))
  if (config.type === 'embedded' && !(await isThere(join(stateDir, 'store')))) return []
  const store = await openStore({ store: config, stateDir }, deps, { readOnly: true })
  try {
    const window = { fromMs: OLDEST_MS, untilMs: Math.ceil(deps.clock.nowMs() / MINUTE_MS) * MINUTE_MS + MINUTE_MS }
    const found = await Promise.all(
      devices.map(({ name }) => store.listSeries({ metrics: [metric], device: name, window }, signal)),
    )
    return found.flat()
  } finally {
    await store.close()
  }
}

/** Of two series of a channel the newer one counts. */
export function rulesOfHouse(
  { devices, house }: LabelsOf,
  { metric, stored }: { readonly metric: string; readonly stored: readonly StoredSeries[] },
): { readonly rules: readonly LabelRule[]; readonly findings: readonly Finding[] } {
  const byAge = stored.toSorted((a, b) => a.positionMs - b.positionMs)
  const kept = new Map(byAge.map(({ labels }) => [`${labels['device']}/${labels['location']}`, labels]))
  const channels = devices.flatMap(({ name: device, channels: listed, expected }) =>
    listed
      .filter(({ name, unit }) => expected.has(name) && unit === UNIT_NAMES.watts)
      .map(({ name: location }) => ({ location, labels: kept.get(`${device}/${location}`) })),
  )
  if (channels.length === 0) return { rules: EVERY, findings: [] }
  const own = channels.map(({ location, labels }) => {
    const channel = { metric, location }
    return { channel, labels: labels ? withoutDevice(labels) : newLabels(location, { metric, house }) }
  })
  // No rule depends on the device, so that those of all are found at once.
  const rules = rulesFor(own, { device: '', rules: EVERY })
  const count = channels.filter(({ labels }) => labels !== undefined).length
  const had = `the store has ${plural(count, 'channel')} of these devices already`
  if (rules === undefined)
    return {
      rules: EVERY,
      findings: count === 0 ? [] : [warning(`${had}, under labels that no rules give: iotawatt-sync check shows them`)],
    }
  return {
    rules,
    findings:
      count === 0 ? [] : [{ verdict: 'GOOD', subject: 'labels', message: `${had}: the labels of these are kept` }],
  }
}

function withoutDevice(labels: Labels): Labels {
  const { device: _, ...others } = labels
  return others
}

/** As the dashboards of Grafana know them. */
function newLabels(location: string, { metric, house }: { metric: string; house: HouseSetup }): Labels {
  const [pair] = [...house.legs].find(([, locations]) => locations.includes(location)) ?? []
  const heats = house.groups.some(({ name, locations }) => name === HEATING && locations.includes(location))
  const set = house.mains?.includes(location)
    ? { type: 'Trunk', pair: 'Mains' }
    : house.solar.includes(location)
      ? { type: 'Trunk', solar: 'Both', ...(pair !== undefined && { pair }) }
      : { type: 'Circuit', ...(pair !== undefined && { pair }), ...(heats && { hvac: 'True' }) }
  return labelsFor({ metric, location }, { device: '', rules: [{ match: '*', set }] })
}

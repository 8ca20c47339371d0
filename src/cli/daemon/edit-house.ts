import { isDeepStrictEqual } from 'node:util'
import { ConfigError, type Problem } from '../../config/config-error.ts'
import type { Config } from '../../config/config.ts'
import { writeSection } from '../../config/edit-sections.ts'
import { type Environment, variableName } from '../../config/environment.ts'
import { houseSchema } from '../../config/file-schema.ts'
import { isMapping, type Mapping, valueAt } from '../../config/key-path.ts'
import { readConfig, readConfigText } from '../../config/load-config.ts'
import { findMachineZone } from '../../config/machine-zone.ts'
import { edit, type EditableSections, findObstacle, fingerprintOf, saveSections } from '../../config/save-sections.ts'
import { readYaml } from '../../config/yaml-source.ts'
import type { OpenHouse } from '../../house/open-house.ts'
import { proposeHouse } from '../../house/propose-house.ts'
import {
  EditError,
  type HouseEditor,
  type HouseFile,
  type SaveRequest,
  type Setup,
  type SetupPreview,
  type SetupSaved,
} from '../../model/house-editor.ts'
import type { HouseView } from '../../model/house-views.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { SeenSides } from '../../sync/session/sync-memory.ts'
import { proposeTimezone } from '../init/house-timezone.ts'
import { MONEY_KEYS, moneyIn, moneySectionsOf, pricesOf, writeChanges } from './edit-money.ts'

interface EditedDevice {
  readonly name: string
  /** Undefined until it has answered. */
  seen(): Pick<SeenSides, 'targets' | 'kinds' | 'status'> | undefined
}

export interface HouseEditorOptions {
  readonly config: Config
  /** Absolute; '' where there is none. */
  readonly path: string
  readonly env: Environment
  readonly isDemo: boolean
  readonly view: OpenHouse
  readonly devices: readonly EditedDevice[]
  readonly clock: Clock
  /** Has the daemon read its configuration again, when what is under way is answered; left out: it cannot. */
  readonly reload?: (() => void) | undefined
}

export function openHouseEditor(options: HouseEditorOptions): HouseEditor {
  const { path, env } = options
  let saving: Promise<unknown> = Promise.resolve()

  return {
    async show(signal) {
      const [cannotSave, text] = [await obstacleOf(options), await tryToRead(path)]
      const tree = treeOf(text)
      const [house, money] = [houseIn(tree), moneyIn(tree)]
      const { channels } = await options.view.house(signal)
      return {
        ...(path !== '' && { file: path }),
        ...(text !== undefined && { fingerprint: fingerprintOf(text) }),
        ...(cannotSave !== undefined && { cannotSave }),
        ...(house && { house }),
        ...(money && { money }),
        isInUse: text === undefined || (await isInUse(text, options)),
        variables: Object.fromEntries(SET_UP_KEYS.filter(([, variable]) => env[variable])),
        channels: await showChannels(channels, options),
        proposal: await propose(channels, options, signal),
      }
    },

    async preview({ house, money }, signal) {
      const cannotSave = await obstacleOf(options)
      const text = await tryToRead(path)
      const sections = { house, ...(money && moneySectionsOf(money, treeOf(text))) }
      const checked = await check(sections, text, options)
      const obstacle = cannotSave ?? checked.cannotSave
      return {
        lines: writeSection('house', house) + writeChanges(sections, treeOf(text)),
        mistakes: checked.mistakes,
        prices: pricesOf(sections),
        ...(obstacle !== undefined && { cannotSave: obstacle }),
        ...(checked.settings && { preview: await options.view.preview(checked.settings, signal) }),
      }
    },

    async save(request) {
      // One after the other: the second sees that the file has changed.
      const saved = saving.catch(() => {}).then(() => save(request, options))
      saving = saved
      return saved
    },
  }
}

const SET_UP_KEYS = [
  ...Object.keys(houseSchema.shape).map((key) => [key, variableName(['house', key])] as const),
  ...[['currency'], ['billing', 'day']].map((path) => [path.join('.'), variableName(path)] as const),
]

async function obstacleOf({ path, isDemo, reload }: HouseEditorOptions): Promise<string | undefined> {
  if (isDemo) return 'the demo has no configuration file'
  if (path === '' || !reload) return 'this daemon does not read its configuration again'
  return findObstacle(path)
}

/** Undefined where there is no file, or no text in it any more: saving then tells why. */
async function tryToRead(path: string): Promise<string | undefined> {
  return readConfigText(path, path).catch(() => undefined)
}

const treeOf = (text: string | undefined): unknown => (text === undefined ? undefined : readYaml(text).tree)

/** What a file says of the house, and nothing that it does not say; undefined where that is nothing that can be used. */
function houseIn(tree: unknown): HouseFile | undefined {
  const given = valueAt(tree, ['house'])
  const { data } = houseSchema.safeParse(given)
  return isMapping(given) && data ? saidOf(given, data) : undefined
}

function saidOf(given: Mapping, { timezone, ...read }: NonNullable<ReturnType<typeof houseSchema.parse>>): HouseFile {
  const { wiring, mains, solar, groups, names, colours } = read
  return {
    ...(timezone !== undefined && { timezone }),
    ...('wiring' in given && { wiring }),
    ...('mains' in given && { mains }),
    ...('solar' in given && { solar }),
    ...('groups' in given && { groups }),
    ...('names' in given && { names }),
    ...('colours' in given && { colours }),
  }
}

async function isInUse(text: string, { path, env, config }: HouseEditorOptions): Promise<boolean> {
  const read = await readConfig(text, { path, shownPath: path, env }).catch(() => undefined)
  return (['house', ...MONEY_KEYS] as const).every((key) => isDeepStrictEqual(read?.config[key], config[key]))
}

type Channels = HouseView['channels']

async function showChannels(
  channels: Channels,
  { view, devices }: Pick<HouseEditorOptions, 'view' | 'devices'>,
): Promise<Setup['channels']> {
  const newest = new Map(
    await Promise.all(devices.map(async ({ name }) => [name, await view.newestWatts(name)] as const)),
  )
  return channels.map((channel) => {
    const { atMs, watts = {} } = newest.get(channel.device) ?? {}
    return {
      ...channel,
      kind: kindOf(devices, channel),
      watts: watts[channel.id] ?? null,
      ...(atMs !== undefined && { atMs }),
    }
  })
}

type Kind = Setup['channels'][number]['kind']

/** Known once the device has answered. */
function kindOf(devices: readonly EditedDevice[], { device, location }: { device: string; location: string }): Kind {
  const seen = devices.find(({ name }) => name === device)?.seen()
  const target = seen?.targets.find(({ channel }) => channel.unit === 'watts' && channel.location === location)
  return (target && seen?.kinds.get(target.channel.name)) ?? 'unknown'
}

async function propose(
  channels: Channels,
  { env, view, devices, clock }: HouseEditorOptions,
  signal: AbortSignal,
): Promise<Setup['proposal']> {
  const week = await view.lastWeek(signal)
  const { legs, ...proposal } = proposeHouse(
    channels.map(({ id, device, location }) => ({
      location,
      kind: kindOf(devices, { device, location }),
      hours: week.get(id) ?? [],
    })),
  )
  const clocks = devices.map(({ name, seen }) => ({ name, standardOffsetMs: seen()?.status.standardOffsetMs }))
  const { timezone, reason } = proposeTimezone((await findMachineZone(env)).timezone, clocks, clock.nowMs())
  return {
    ...proposal,
    legs: [...legs].map(([name, locations]) => ({ name, locations })),
    timezone: { reason, ...(timezone !== undefined && { value: timezone }) },
  }
}

interface Checked extends Pick<SetupPreview, 'mistakes' | 'cannotSave'> {
  /** Where there are no mistakes. */
  readonly settings?: Config['house']
}

/** The complete file as it would be; where there is none that can be changed, the house alone. */
async function check(
  sections: EditableSections,
  text: string | undefined,
  options: HouseEditorOptions,
): Promise<Checked> {
  const { path, env, config } = options
  const alone = JSON.stringify({ devices: config.devices.map(({ name, url }) => ({ name, url })) })
  const place = { path: path || config.stateDir, shownPath: path || 'house', env }
  try {
    const read = await readConfig(edit(path, text ?? alone, sections), place)
    return { mistakes: [], settings: read.config.house }
  } catch (error) {
    if (error instanceof EditError && text !== undefined)
      return { ...(await check(sections, undefined, options)), cannotSave: error.message }
    if (!(error instanceof ConfigError)) throw error
    return { mistakes: error.problems.map(mistakeOf) }
  }
}

/** What was sent is shown as it is; elsewhere in the file there may be secrets. */
function mistakeOf({ place, message, path = [] }: Problem): SetupPreview['mistakes'][number] {
  const [section, ...inner] = path.map(String)
  if (section === 'house') return { path: inner, message }
  return MONEY_KEYS.some((key) => key === section)
    ? { path: path.map(String), message }
    : { message: `${place}: ${message}` }
}

/** @throws EditError */
async function save({ fingerprint, house, money }: SaveRequest, options: HouseEditorOptions): Promise<SetupSaved> {
  const { config, path, env, reload } = options
  const obstacle = await obstacleOf(options)
  if (obstacle !== undefined) throw new EditError('unwritable', obstacle)
  const file = { path, env, stateDir: config.stateDir }
  const sectionsIn = (text: string) => ({ house, ...(money && moneySectionsOf(money, treeOf(text))) })
  const saved = await saveSections(file, { fingerprint, sectionsIn }).catch((error: unknown) => {
    throw error instanceof ConfigError ? new EditError('invalid', error.message) : error
  })
  reload?.()
  return { file: path, ...saved }
}

import type { Secret } from '../../config/config.ts'
import { deviceSchema } from '../../config/device-schema.ts'
import type { Environment } from '../../config/environment.ts'
import { type Reading, readUrl } from '../../config/setting-kinds.ts'
import { withoutPassword } from '../../config/show-value.ts'
import type { HouseProposal } from '../../house/propose-house.ts'
import type { LabelRule } from '../../model/channel.ts'
import type { DeviceChannel } from '../../model/device.ts'
import type { Wiring } from '../../model/house-views.ts'
import { didYouMean } from '../../model/nearest-name.ts'
import { formatMinute } from '../../model/time-window.ts'
import { UsageError } from '../exit-codes.ts'
import type { InitFlags } from '../flags.ts'
import type { LastWeek } from '../last-week.ts'
import type { Deps } from '../open-store.ts'
import type { Browse } from './find-devices.ts'
import type { BillsSetup } from './set-up-bills.ts'

/** Everything that the file will say: found out, and told. */
export interface Setup {
  readonly devices: readonly DeviceSetup[]
  readonly store: StoreSetup
  readonly house: HouseSetup
  readonly bills: BillsSetup
  /** Those of its series. */
  readonly rules: readonly LabelRule[]
}

/** What the channels are in the house, by their names, which are their locations. */
export interface HouseSetup extends Pick<HouseProposal, 'legs'> {
  /** Undefined: nobody knows. */
  readonly mains?: readonly string[] | undefined
  readonly solar: readonly string[]
  /** Undefined: nobody knows, or there is no solar. */
  readonly wiring?: Wiring | undefined
  readonly groups: readonly HouseGroup[]
  /** Undefined: nobody knows. */
  readonly timezone?: string | undefined
}

export interface HouseGroup {
  readonly name: string
  readonly locations: readonly string[]
}

export interface DeviceSetup {
  readonly name: string
  readonly url: string
  readonly login?: Login
  /** As it is written; left out: all of the device's log. */
  readonly since?: string
  /** The first record of its log. */
  readonly firstMs: number
  /** All that it lists. */
  readonly channels: readonly DeviceChannel[]
  /** The names of those that are copied. */
  readonly expected: ReadonlySet<string>
  /** What they measured of late. */
  readonly week: LastWeek
  readonly standardOffsetMs?: number | undefined
}

export type StoreSetup =
  | { readonly type: 'embedded' }
  | { readonly type: 'victoriametrics'; readonly url: string; readonly login?: Login }
  | (InfluxDbNames & { readonly type: 'influxdb'; readonly url: string; readonly login?: Login })

/** Of 1.x a database, of 2.x an organization and a bucket, as in the file. */
type InfluxDbNames = Pick<InitFlags, 'database' | 'organization' | 'bucket'>

export type Login =
  | { readonly kind: 'password'; readonly username: string; readonly secret: Secret }
  | { readonly kind: 'token'; readonly secret: Secret }
  /** Variables give it, when this program is run as well as now: the file says nothing. */
  | { readonly kind: 'environment' }

/** Whether both are the same device, at two addresses: its log begins with the same record. */
export function areSame(a: SeenDevice, b: SeenDevice): boolean {
  const names = ({ channels }: SeenDevice) => JSON.stringify(channels.map(({ name }) => name))
  return a.firstMs === b.firstMs && names(a) === names(b)
}

type SeenDevice = Pick<DeviceSetup, 'firstMs' | 'channels'>

/** An address as people type it: `192.168.1.7` is `http://192.168.1.7`. */
export function readAddress(text: string, example?: string): Reading<string> {
  const typed = text.trim()
  return readUrl(/^[a-z][a-z0-9+.-]*:\/\//i.test(typed) || typed === '' ? typed : `http://${typed}`, example)
}

/** A store as `--store` names it; one with a database or a bucket is an InfluxDB. */
export function readStore(text: string, { database, organization, bucket }: InfluxDbNames = {}): StoreSetup {
  const isInfluxDb = (database ?? organization ?? bucket) !== undefined
  if (text === 'embedded' && !isInfluxDb) return { type: text }
  const reading = readAddress(text, 'http://victoriametrics:8428')
  if (!('value' in reading))
    throw new UsageError(`--store ${withoutPassword(text)}: expected ${reading.expected}, or the word embedded`)
  return isInfluxDb
    ? { type: 'influxdb', url: reading.value, database, organization, bucket }
    : { type: 'victoriametrics', url: reading.value }
}

/** What is wrong with it as a name of a device; undefined when nothing is. */
export function nameProblem(text: string): string | undefined {
  return problemOf(deviceSchema.shape.name.safeParse(text))
}

/** `newestMs`: of the device's log. */
export function sinceProblem(text: string, newestMs: number): string | undefined {
  const read = deviceSchema.shape.since.safeParse(text)
  if (read.data !== undefined && read.data > newestMs)
    return `expected a day in the past: the log of the device ends at ${formatMinute(newestMs)}`
  return problemOf(read)
}

/** A flag that may be repeated. */
export function isGiven(flag: readonly string[] | undefined): flag is readonly string[] {
  return flag !== undefined && flag.length > 0
}

/** What `--since` says. @throws UsageError */
export function givenSince({ since }: InitFlags, { newestMs }: { readonly newestMs: number }): string | undefined {
  const problem = since === undefined ? undefined : sinceProblem(since, newestMs)
  if (problem !== undefined) throw new UsageError(`--since ${since}: ${problem}`)
  return since
}

/** @throws UsageError */
export function refuseUnknownChannels({ channel = [] }: InitFlags, devices: readonly DeviceSetup[]): void {
  const known = devices.flatMap(({ channels }) => channels.map(({ name }) => name))
  const copied = devices.flatMap(({ expected }) => [...expected])
  const unknown = channel.find((name) => !copied.includes(name))
  if (unknown !== undefined)
    throw new UsageError(
      `--channel ${unknown}: ${known.includes(unknown) ? 'this channel cannot be copied' : `no device has this channel${didYouMean(unknown, known)}`}; expected some of ${known.join(', ')}`,
    )
}

function problemOf({ error }: { error?: { issues: readonly { message: string }[] } | undefined }): string | undefined {
  const issue = error?.issues[0]
  return issue && `expected ${issue.message}`
}

/** What setting up works with. */
export interface InitRun {
  readonly flags: InitFlags
  /** The file to write; absolute. */
  readonly file: string
  /** What `--store` names. */
  readonly store?: StoreSetup
  /** What flags say that energy costs. */
  readonly bills: BillsSetup
  readonly env: Environment
  readonly deps: Deps
  readonly browse: Browse
  readonly signal: AbortSignal
}

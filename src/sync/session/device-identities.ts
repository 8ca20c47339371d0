import type { DeviceStatus } from '../../model/device.ts'
import { DAY_MS } from '../../model/time-window.ts'
import type { Clock } from '../../runtime/clock.ts'
import { explain, StoppedError } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/log.ts'
import type { KnownDevice, KnownDevices } from './known-devices.ts'
import { SyncError } from './sync-error.ts'

/** A device of the configuration, whether it is being copied from or not. */
export interface ConfiguredDevice {
  readonly name: string
  readonly url: string
  /** The MAC that it has by the configuration. */
  readonly mac?: string
  readonly askStatus: (signal: AbortSignal) => Promise<DeviceStatus>
}

/** Which device answers at which address: what one of them says speaks for or against another. */
export interface DeviceIdentities {
  /** The names of all configured devices. */
  readonly names: readonly string[]
  /**
   * What a person should know of who has answered as this device.
   * @throws SyncError `identity` where it is another device of the configuration, or may be.
   */
  judge(deviceName: string, status: DeviceStatus, signal: AbortSignal): Promise<readonly string[]>
}

export interface IdentitiesOptions {
  readonly devices: readonly ConfiguredDevice[]
  readonly known: KnownDevices
  readonly clock: Clock
  readonly log: Log
}

type Seen = Pick<DeviceStatus, 'name' | 'mac'>

/** Another device is asked once who it is, and only so long: it may be off. */
const LOOK_MS = 5_000
/**
 * Of more, the others are known by what earlier processes found, by the configuration, and once they have answered
 * themselves: to ask all of them at the start would be a burst.
 */
const MAX_LOOKED_AT = 50
/** For so long it is worth a word that a device was replaced. */
const REPLACED_MS = DAY_MS

export function createDeviceIdentities({ devices, known, clock, log }: IdentitiesOptions): DeviceIdentities {
  const seen = new Map<string, Seen>()
  const looks = new Map<string, Promise<void>>()
  const found = new Map<string, KnownDevice>()
  const byName = new Map(devices.map((device) => [device.name, device]))
  /** Of whom nothing was to be said, until somebody answers for the first time, or as somebody else. */
  let plain = new Map<string, Seen>()
  let before: Promise<ReadonlyMap<string, KnownDevice>> | undefined
  let saving: Promise<void> | undefined

  /** What the others are has to be known before the first sample is written for this one. */
  async function lookAtOthers(name: string, signal: AbortSignal): Promise<void> {
    if (devices.length > MAX_LOOKED_AT) return
    const others = devices.filter((device) => device.name !== name && !seen.has(device.name))
    await Promise.all(
      others.map((device) => {
        const look = looks.get(device.name) ?? lookAt(device, signal)
        looks.set(device.name, look)
        return look
      }),
    )
    signal.throwIfAborted()
  }

  async function lookAt({ name, askStatus }: ConfiguredDevice, signal: AbortSignal): Promise<void> {
    const over = new AbortController()
    const both = AbortSignal.any([signal, over.signal])
    try {
      const late = clock.sleep(LOOK_MS, both).then(() => undefined)
      const status = await Promise.race([askStatus(both), late])
      if (!status || seen.has(name)) return
      plain = new Map()
      seen.set(name, status)
    } catch (error) {
      log.debug(`${name}: not known who answers: ${explain(error)}`)
    } finally {
      over.abort(new StoppedError('another device was asked who it is'))
    }
  }

  /** What others have kept meanwhile stays; several devices are kept at once. */
  async function save(): Promise<void> {
    saving = undefined
    try {
      await known.write(new Map([...(await known.read()), ...found]))
    } catch (error) {
      // It is found again; a folder that may not be written to is reported by whoever needs it.
      log.debug(`the MACs of devices were not kept: ${explain(error)}`)
    }
  }

  async function remember(name: string, device: KnownDevice): Promise<void> {
    found.set(name, device)
    saving ??= Promise.resolve().then(save)
    await saving
  }

  async function allKnown(): Promise<ReadonlyMap<string, KnownDevice>> {
    before ??= known.read()
    return new Map([...(await before), ...found])
  }

  async function judgeHardware(device: ConfiguredDevice, status: DeviceStatus): Promise<readonly string[]> {
    const { name } = device
    const { mac } = status
    if (mac === undefined)
      return device.mac === undefined
        ? []
        : [`${name}: the configuration gives its MAC, and the device does not tell one: is it the right one?`]
    const before = (await allKnown()).get(name)
    const isSame = before !== undefined && keyOf(before) === keyOf(status)
    const nowMs = clock.nowMs()
    const next = isSame ? before : { mac, name: status.name, ...replacementOf(before, nowMs) }
    if (!isSame) await remember(name, next)
    const { replaced } = next
    if (device.mac !== undefined || replaced === undefined || nowMs - replaced.atMs > REPLACED_MS) return []
    return [
      `${name}: it answers with the MAC ${mac} and was known by ${replaced.mac}: a device that was replaced goes on under the same series; where that is not what happened, correct its url`,
    ]
  }

  return {
    names: devices.map(({ name }) => name),
    async judge(deviceName, status, signal) {
      const device = byName.get(deviceName)
      // Whose card it is was named by whoever gave it.
      if (!device || status.isCard) return []
      const { name, mac } = status
      if (isSame(plain.get(deviceName), status)) return []
      if (!isSame(seen.get(deviceName), status)) plain = new Map()
      seen.set(deviceName, { name, ...(mac !== undefined && { mac }) })
      await lookAtOthers(deviceName, signal)
      const judged = plain
      const others = devices.filter(({ name }) => name !== deviceName)
      const problem = findProblem(device, status, { others, seen, known: await allKnown() })
      if (problem !== undefined) throw new SyncError('identity', problem.message, { hint: problem.hint })
      const said = await judgeHardware(device, status)
      if (said.length === 0) judged.set(deviceName, { name, ...(mac !== undefined && { mac }) })
      return said
    },
  }
}

function isSame(a: Seen | undefined, b: Seen): boolean {
  return a !== undefined && a.name === b.name && a.mac === b.mac
}

function replacementOf(before: KnownDevice | undefined, atMs: number): Pick<KnownDevice, 'replaced'> {
  return before ? { replaced: { mac: before.mac, atMs } } : {}
}

interface Deps {
  readonly others: readonly ConfiguredDevice[]
  readonly seen: ReadonlyMap<string, Seen>
  readonly known: ReadonlyMap<string, KnownDevice>
}

interface Problem {
  readonly message: string
  readonly hint: string
}

/** What speaks against writing what this device answers under its configured name. */
function findProblem(device: ConfiguredDevice, status: DeviceStatus, around: Deps): Problem | undefined {
  const { name, url } = device
  const { mac } = status
  if (device.mac !== undefined) {
    if (mac === undefined || mac === device.mac) return undefined
    const message = `${name}: ${url} answers with the MAC ${mac}, and the configuration gives it ${device.mac}: nothing of it is copied`
    return { message, hint: `correct its url; where the device was replaced, write mac: "${mac}"` }
  }
  const owner = mac === undefined ? undefined : findOwner({ ...status, mac }, around)
  if (owner) return { message: describeOwner(device, status, owner), hint: hintForOwned(device, status, owner) }
  const namesake = findNamesake(device, status, around.others)
  if (!namesake) return undefined
  const message = `${name}: ${url} answers as ${status.name}, which is the name of another device of the configuration (${namesake.url}): nothing of it is copied`
  return { message, hint: hintFor(device, status) }
}

function hintFor({ name }: ConfiguredDevice, { mac }: DeviceStatus): string {
  return `correct the url of the device that is asked at the wrong address; where it is meant, as when a unit was renamed or moved, write under ${name}: mac: "${mac ?? '…'}"`
}

/** A MAC in the configuration helps only where nobody else has it at this moment. */
function hintForOwned(device: ConfiguredDevice, status: DeviceStatus, { other, evidence }: Owner): string {
  if (evidence === 'known') return hintFor(device, status)
  const wrong = evidence === 'pinned' ? `the mac under ${other.name}` : `that of ${other.name}`
  return `correct the url of ${device.name}, or ${wrong}; leave one of the two out where there is one device only`
}

type Evidence = 'pinned' | 'seen' | 'known'
interface Owner {
  readonly other: ConfiguredDevice
  readonly evidence: Evidence
}

/** Another device of the configuration with this MAC. */
function findOwner(status: Seen & { readonly mac: string }, { others, seen, known }: Deps): Owner | undefined {
  const key = keyOf(status)
  for (const other of others) {
    if (other.mac !== undefined) {
      // By what the configuration says of it, whatever answered there before.
      if (other.mac === status.mac) return { other, evidence: 'pinned' }
      continue
    }
    const now = seen.get(other.name)
    if (now !== undefined && keyOf(now) === key) return { other, evidence: 'seen' }
    const before = known.get(other.name)
    if (before !== undefined && keyOf(before) === key) return { other, evidence: 'known' }
  }
  return undefined
}

function describeOwner({ name, url }: ConfiguredDevice, { mac }: DeviceStatus, { other, evidence }: Owner): string {
  switch (evidence) {
    case 'pinned':
      return `${name}: ${url} answers with the MAC ${mac}, which the configuration gives to ${other.name} (${other.url}): nothing of it is copied`
    case 'seen':
      return `${name}: ${url} answers with the MAC ${mac}, and so does ${other.name} (${other.url}): they are one device, and nothing of it is copied`
    case 'known':
      return `${name}: ${url} answers with the MAC ${mac}, by which ${other.name} (${other.url}) is known: nothing of it is copied`
  }
}

function findNamesake(
  { name }: ConfiguredDevice,
  status: Seen,
  others: readonly ConfiguredDevice[],
): ConfiguredDevice | undefined {
  const own = status.name.toLowerCase()
  if (own === name.toLowerCase()) return undefined
  return others.find((other) => other.name.toLowerCase() === own)
}

/** No vendor has these: firmware that does not run on the device's own chip gives them, each the same. */
const NO_VENDOR = '00:00:00:'

/** What is the same for one device and different for two; undefined where it tells no MAC. */
function keyOf({ mac, name }: Seen): string | undefined {
  return mac?.startsWith(NO_VENDOR) === true ? `${mac} ${name.toLowerCase()}` : mac
}

import { createHmac, randomBytes } from 'node:crypto'
import type { Config, Secret, StoreConfig } from '../config/config.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { formatShard } from '../config/shard.ts'
import { meetHost, type Peer } from '../web/command-client.ts'
import { DAEMON_SOCKET, type Host, type Work } from '../web/command-protocol.ts'
import { UsageError } from './exit-codes.ts'
import { readVersion } from './read-version.ts'

type Identity = Pick<LoadedConfig, 'config' | 'path'>

/** What this process says of itself to those who ask it for commands. */
export function describeHost({ config, path }: Identity, work?: Work): Host {
  const salt = randomBytes(16).toString('hex')
  return { version: readVersion(), path, salt, parts: digestParts(config, salt), ...(work && { work }) }
}

/** @throws Error where the other process is of another version. */
export function requireSameVersion({ title, host }: Peer): Host {
  const version = readVersion()
  if (host?.version === version) return host
  throw new Error(
    `${title} is ${host === undefined ? 'of an older version' : `version ${host.version}`}, and this is ${version}: restart ${host?.work === undefined ? 'the daemon' : 'it'}`,
  )
}

/** A command is not executed with a configuration that it was not given. */
export function refuseOtherConfiguration(daemon: Peer, { path }: Identity, parts: readonly string[]): UsageError {
  const hostPath = daemon.host?.path ?? ''
  const reload = `kill -HUP ${daemon.process ?? 'PID'}`
  if (hostPath === path)
    return new UsageError(
      `${daemon.title} does not run with ${path} as it is now, or has other variables IOTAWATT_SYNC_…; what differs: ${parts.join(', ')}\n  to make it read the file again: ${reload}; to look at the new one first: iotawatt-sync check; with other variables, or after an upgrade: restart it`,
    )
  return new UsageError(
    `${daemon.title} runs with another configuration, ${hostPath}, and this is ${path}; what differs: ${parts.join(', ')}\n  to ask that daemon: --config ${hostPath}; to work with this one beside it, give it a stateDir of its own`,
  )
}

/** What `check` says when it looks at a configuration that is not the daemon's. */
export function describeBeside({ title, host }: Peer, { path }: Identity, parts: readonly string[]): string {
  const what = host?.path === path ? `${path} as it was when it was read` : (host?.path ?? 'another configuration')
  return `${title} runs with ${what}; this looks at ${path} as it is now, which differs: ${parts.join(', ')}`
}

/** @throws Error where another daemon works with the state folder. */
export async function refuseSecondDaemon(identity: Identity, signal: AbortSignal): Promise<void> {
  const other = await meetHost(identity.config.stateDir, { signal, name: DAEMON_SOCKET })
  if (!other) return
  other.close()
  throw secondDaemonError(other, identity)
}

/** Why the socket for commands could not be had. */
export async function heldByOther(identity: Identity, signal: AbortSignal): Promise<Error> {
  await refuseSecondDaemon(identity, signal)
  return new Error(`another process works with the state folder ${identity.config.stateDir}; start the daemon again`)
}

export function secondDaemonError({ title, host, process: pid }: Peer, { config, path }: Identity): Error {
  const holder = host?.path ? `${title}, which runs with ${host.path},` : title
  const beside = `to run a second daemon beside it, give ${path} a stateDir of its own`
  const same =
    host === undefined
      ? `after an upgrade, end it first: kill ${pid ?? 'PID'}; ${beside}`
      : host.path === path
        ? `to make it read its configuration again: kill -HUP ${pid ?? 'PID'}`
        : beside
  return new Error(`${holder} works with the state folder ${config.stateDir} already\n  ${same}`)
}

/** Commands do not depend on them, but for `check`, which looks at all. */
const OF_THE_DAEMON: ReadonlySet<string> = new Set(['interval', 'backfill', 'web', 'house', 'tariffs', 'alerts'])
/** Of those, what a bill is made from. */
const OF_BILLS: ReadonlySet<string> = new Set(['house', 'tariffs'])
const LOGIN = 'login'

/** What a configuration asks for, a digest for each part; it tells which parts of two differ, and no secret. */
export function digestParts(config: Config, salt: string): Record<string, string> {
  const { devices, web, house, alerts } = config
  const logins = devices.flatMap(({ name, auth }) =>
    auth ? [[`${LOGIN} of ${name}`, { username: auth.username, password: auth.password.reveal() }] as const] : [],
  )
  const { timezone: _, ...settings } = house
  const parts = {
    store: withoutLogin(config.store),
    [`${LOGIN} of the store`]: loginOf(config.store),
    stateDir: config.stateDir,
    lookback: config.lookbackMs,
    chunk: config.chunkMs,
    maxDeviceLoad: config.maxDeviceLoad,
    metric: config.metric,
    shard: config.shard && formatShard(config.shard),
    devices: devices.map(({ auth: __, ...device }) => device),
    ...Object.fromEntries(logins),
    labels: config.rules,
    migrate: config.migrate,
    interval: config.intervalMs,
    backfill: config.backfill,
    web: { ...web, token: reveal(web.token) },
    house: settings,
    alerts: alerts && {
      ...alerts,
      receivers: alerts.receivers.map((receiver) => ({ ...receiver, token: reveal(receiver.token) })),
    },
    tariffs: [config.currency, config.billing, config.holidays, config.tariffs],
  }
  const digest = (value: unknown) => createHmac('sha256', salt).update(JSON.stringify(value)).digest('hex')
  return Object.fromEntries(
    Object.entries(parts).flatMap(([name, value]) => (value === undefined ? [] : [[name, digest(value)]])),
  )
}

/**
 * The parts in which a configuration differs from that of the host, as far as the command depends on them. A login that
 * only the host was given is no difference: its secrets may come from an environment that the command has not.
 */
export function differingParts(config: Config, host: Pick<Host, 'salt' | 'parts'>, command: string): string[] {
  const own = digestParts(config, host.salt)
  const names = new Set([...Object.keys(own), ...Object.keys(host.parts)])
  const differs = (name: string) => own[name] !== host.parts[name]
  if (command === 'check') return [...names].filter(differs)
  return [...names].filter(
    (name) =>
      differs(name) &&
      !(OF_THE_DAEMON.has(name) && !(command === 'bill' && OF_BILLS.has(name))) &&
      !(own[name] === undefined && name.startsWith(LOGIN)),
  )
}

function withoutLogin(store: StoreConfig): object {
  const { auth: _, headers: __, ...rest } = store
  return rest
}

function loginOf(store: StoreConfig): object | undefined {
  const { auth, headers = {} } = store
  const revealed = Object.entries(headers).map(([name, value]) => [name, value.reveal()])
  if (!auth && revealed.length === 0) return undefined
  const secret = auth?.kind === 'basic' ? [auth.username, auth.password.reveal()] : reveal(auth?.token)
  return { secret, headers: revealed }
}

function reveal(secret: Secret | undefined): string | undefined {
  return secret?.reveal()
}

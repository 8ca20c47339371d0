import { randomBytes } from 'node:crypto'
import type { LoadedConfig } from '../config/load-config.ts'
import { meetHost, type Peer } from '../web/command-client.ts'
import { DAEMON_SOCKET, type Host, type Work } from '../web/command-protocol.ts'
import { digestParts } from './config-parts.ts'
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
      `${daemon.title} does not run with ${path} as it is now, or has other variables IOTAWATT_SYNC_…; what differs: ${parts.join(', ')}\n  to make it read the file again: ${reload}; to look at the new one first: iotawatt-sync check; with other variables: restart it`,
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

import { stat } from 'node:fs/promises'
import type { Config } from './config.ts'
import type { Environment } from './environment.ts'
import { formatDuration } from './setting-kinds.ts'
import { secretsIn } from './settings.ts'

/** What is allowed and most likely not meant, in complete sentences. */
export function configWarnings(config: Config): string[] {
  return [...httpsWarnings(config), ...loadWarnings(config), ...ageWarnings(config), ...unitWarnings(config)]
}

/** About variables that are not this program's own. */
export function environmentWarnings({ NODE_TLS_REJECT_UNAUTHORIZED: checksCertificates }: Environment): string[] {
  if (checksCertificates !== '0') return []
  return [
    'NODE_TLS_REJECT_UNAUTHORIZED=0 has no effect here: certificates are checked. To trust an authority of your own: store.caFile, or caFile of a device.',
  ]
}

function httpsWarnings({ devices }: Config): string[] {
  return devices
    .filter(({ url }) => url.startsWith('https:'))
    .map(
      ({ name, url }) =>
        `The url of ${name} is ${url}: an IoTaWatt speaks http only. Unless a proxy stands before it: ${url.replace(/^https:/, 'http:')}.`,
    )
}

function loadWarnings({ maxDeviceLoad }: Config): string[] {
  if (maxDeviceLoad <= 0.5) return []
  return [`maxDeviceLoad is ${maxDeviceLoad * 100}%: a device does not measure while it answers; 25% is gentle.`]
}

function ageWarnings({ intervalMs, web, alerts }: Config): string[] {
  const interval = formatDuration(intervalMs)
  const isShort = (ageMs = Infinity) => ageMs <= intervalMs
  return [
    ...(isShort(web.maxAgeMs)
      ? [
          `web.maxAge (${formatDuration(web.maxAgeMs)}) is not longer than interval (${interval}): /readyz will report stale between sync cycles.`,
        ]
      : []),
    ...(isShort(alerts?.noDataMs)
      ? [`alerts.noData is not longer than interval (${interval}): there will be an alert between sync cycles.`]
      : []),
  ]
}

function unitWarnings({ devices, metric }: Config): string[] {
  const units = new Map<string, Set<string>>([[metric, new Set(['watts'])]])
  for (const channel of devices.flatMap((device) => device.channels ?? []))
    units.set(channel.metric, (units.get(channel.metric) ?? new Set()).add(channel.unit))
  return [...units]
    .filter(([, kinds]) => kinds.size > 1)
    .map(([name, kinds]) => `The metric ${name} holds ${[...kinds].join(' and ')}: a sum over it means nothing.`)
}

interface PermissionOptions {
  /** The configuration file and its files of devices, and what stands in them. */
  readonly texts: readonly { readonly path: string; readonly tree: unknown }[]
  /** The files of secrets that they name. */
  readonly secretFiles: readonly string[]
  readonly stateDir: string
}

const [OTHERS_READ, OTHERS_WRITE] = [0o004, 0o002]
/** Where runtimes of containers put secrets, readable for every user of the container. */
const MOUNTED = /^\/(var\/)?run\/secrets\//

/** Warnings about files that every user of the machine may read or write, and should not. */
export async function permissionWarnings({ texts, secretFiles, stateDir }: PermissionOptions): Promise<string[]> {
  const warnings: string[] = []
  for (const { path, tree } of texts) {
    if (secretsIn(tree).length > 0 && (await isOpen(path, OTHERS_READ)))
      warnings.push(`${path} holds secrets and every user may read it: chmod 640, or passwordFile and tokenFile.`)
    if (await isOpen(path, OTHERS_WRITE))
      warnings.push(`${path} may be changed by every user, who so learns its secrets: chmod o-w.`)
  }
  for (const file of secretFiles)
    if (!MOUNTED.test(file) && (await isOpen(file, OTHERS_READ)))
      warnings.push(`${file} holds a secret and every user may read it: chmod 640.`)
  if (await isOpen(stateDir, OTHERS_WRITE))
    warnings.push(`stateDir ${stateDir} may be changed by every user: chmod 700.`)
  return warnings
}

/** What is not there is open to nobody. */
async function isOpen(path: string, right: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && (found.mode & right) !== 0
}

import type { Config } from './config.ts'
import { formatDuration } from './duration.ts'
import type { Environment } from './environment.ts'

/** What is allowed and most likely not meant, in whole sentences. */
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

function ageWarnings({ intervalMs, web }: Config): string[] {
  if (web.maxAgeMs > intervalMs) return []
  const [age, interval] = [formatDuration(web.maxAgeMs), formatDuration(intervalMs)]
  return [`web.maxAge (${age}) is not longer than interval (${interval}): /readyz will say stale between passes.`]
}

function unitWarnings({ devices, metric }: Config): string[] {
  const units = new Map<string, Set<string>>([[metric, new Set(['watts'])]])
  for (const channel of devices.flatMap((device) => device.channels ?? []))
    units.set(channel.metric, (units.get(channel.metric) ?? new Set()).add(channel.unit))
  return [...units]
    .filter(([, kinds]) => kinds.size > 1)
    .map(([name, kinds]) => `The metric ${name} holds ${[...kinds].join(' and ')}: a sum over it means nothing.`)
}

import { hostName } from './allowed-hosts.ts'

export interface RequestFacts {
  readonly method: string
  /** The host that was asked, as the Host header says it. */
  readonly host: string
  readonly allowedHosts: readonly string[]
  readonly header: (name: string) => string | undefined
}

/**
 * Whether a page of another site has the browser ask this. Following a link to here is all that one may; a request that
 * changes something must say that it comes from here, or not come from a browser at all.
 */
export function isForeign(request: RequestFacts): boolean {
  const { method, header } = request
  const isReading = method === 'GET' || method === 'HEAD'
  const site = header('sec-fetch-site')
  if (site === 'cross-site' || site === 'same-site') return !(isReading && isFollowedLink(request))
  const origin = header('origin')
  return !isReading && origin !== undefined && !isOwnOrigin(origin, request)
}

function isFollowedLink({ header }: RequestFacts): boolean {
  return header('sec-fetch-mode') === 'navigate' && header('sec-fetch-dest') === 'document'
}

/** A proxy before this server may have replaced the host; then its own name is an allowed one. */
function isOwnOrigin(origin: string, { host, allowedHosts }: RequestFacts): boolean {
  const asked = /^https?:\/\/(.+)$/i.exec(origin)?.[1]?.toLowerCase()
  const name = asked === undefined ? undefined : hostName(asked)
  if (name === undefined) return false
  return asked === host.toLowerCase() || allowedHosts.some((allowed) => hostName(allowed) === name)
}

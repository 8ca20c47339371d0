import { hostName } from './allowed-hosts.ts'

export interface RequestFacts {
  readonly method: string
  /** The host that was asked, as the Host header says it. */
  readonly host: string
  readonly header: (name: string) => string | undefined
}

/**
 * Whether a page of another site has the browser ask this. Following a link to here is all that one may; a request that
 * changes something must say that it comes from here, or not come from a browser at all.
 */
export function isForeign(request: RequestFacts, isAllowedHost: (host: string) => boolean): boolean {
  const { method, host, header } = request
  const isReading = method === 'GET' || method === 'HEAD'
  const site = header('sec-fetch-site')
  if (site === 'cross-site' || site === 'same-site') return !(isReading && isFollowedLink(request))
  const origin = header('origin')
  return !isReading && origin !== undefined && !isOwnOrigin(origin, { host, isAllowedHost })
}

function isFollowedLink({ header }: RequestFacts): boolean {
  return header('sec-fetch-mode') === 'navigate' && header('sec-fetch-dest') === 'document'
}

/** A proxy before this server may have replaced the host, but then its name is an allowed one. */
function isOwnOrigin(
  origin: string,
  { host, isAllowedHost }: { host: string; isAllowedHost: (host: string) => boolean },
): boolean {
  const asked = /^https?:\/\/(.+)$/i.exec(origin)?.[1]?.toLowerCase()
  if (asked === undefined || hostName(asked) === undefined) return false
  return asked === host.toLowerCase() || isAllowedHost(asked)
}

import { hostName } from './allowed-hosts.ts'

export interface RequestFacts {
  readonly method: string
  /** The host that was asked, as the Host header says it. */
  readonly host: string
  readonly allowedHosts: readonly string[]
  /** Whether a page that is not ours has no session that a browser would send. */
  readonly hasSessions: boolean
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
  if (isReading || site === 'same-origin') return false
  // Where the address is neither https nor this machine itself, browsers say no more than the origin.
  const origin = header('origin')
  return origin !== undefined && !isOwnOrigin(origin, request) && !isOwnScript(request)
}

function isFollowedLink({ header }: RequestFacts): boolean {
  return header('sec-fetch-mode') === 'navigate' && header('sec-fetch-dest') === 'document'
}

/** A proxy before this server may have replaced the host; then it says which one was asked, or its name is an allowed one. */
function isOwnOrigin(origin: string, { host, allowedHosts, header }: RequestFacts): boolean {
  const asked = /^https?:\/\/(.+)$/i.exec(origin)?.[1]?.toLowerCase()
  const name = asked === undefined ? undefined : hostName(asked)
  if (name === undefined) return false
  const hosts = [host, header('x-forwarded-host') ?? '']
  return hosts.some((one) => one.toLowerCase() === asked) || allowedHosts.some((allowed) => hostName(allowed) === name)
}

/**
 * A script of another site may not send this header: its browser first asks whether it may, and nobody here says yes. A
 * page under a name that was looked up as this machine's address may, but it has no session.
 */
function isOwnScript({ hasSessions, header }: RequestFacts): boolean {
  return hasSessions && header('x-requested-with') === 'iotawatt-sync'
}

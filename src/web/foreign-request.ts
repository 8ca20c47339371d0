import { isIP } from 'node:net'

export interface RequestFacts {
  readonly method: string
  /** The host that was asked, according to the Host header. */
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

interface HostRules {
  readonly listenHost: string
  /** Names, in any case, without ports. */
  readonly allowedHosts: readonly string[]
  /** Addresses too: a name that somebody points at this machine is none. */
  readonly allowsAddresses: boolean
}

/**
 * Whether a Host header is one that people of this server use. A page of the web can have its own name looked up as
 * this machine's address (DNS rebinding), and then its browser asks here, under that name.
 */
export function hostFilter({ listenHost, allowedHosts, allowsAddresses }: HostRules): (host: string) => boolean {
  const names = new Set(['localhost', '127.0.0.1', '::1', ...[listenHost, ...allowedHosts].map(plainName)])
  return (host) => {
    const name = hostName(host)
    return name !== undefined && (names.has(name) || (allowsAddresses && isIP(name) !== 0))
  }
}

/** `Localhost:8480` → `localhost`, `[::1]:8480` → `::1`; undefined where it is neither a name nor an address. */
export function hostName(host: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(host) ?? []
  return bracketed === undefined && plain === undefined ? undefined : plainName(bracketed ?? plain ?? '')
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}

import { isIP } from 'node:net'

export interface HostRules {
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

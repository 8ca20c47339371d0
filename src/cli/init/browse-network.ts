import { Bonjour } from 'bonjour-service'
import { EventEmitter } from 'node:events'
import { systemClock } from '../../runtime/clock.ts'

/** A host that says that it serves HTTP. */
export interface HttpHost {
  readonly host: string
  readonly port: number
  readonly addresses: readonly string[]
}

export interface BrowseOptions {
  readonly waitMs?: number
  /** Of multicast DNS; tests have their own. */
  readonly port?: number
}

/** Who answers, by multicast DNS, that it serves HTTP on this network; nobody, where multicast is not possible. */
export async function browseNetwork(
  signal: AbortSignal,
  { waitMs = 3_000, port }: BrowseOptions = {},
): Promise<HttpHost[]> {
  const bonjour = new Bonjour(port === undefined ? {} : { port }, () => {})
  ignoreErrors(bonjour)
  try {
    const browser = bonjour.find({ type: 'http' })
    await systemClock.sleep(waitMs / 3, signal)
    // Wi-Fi loses packets that are sent to everybody.
    browser.update()
    await systemClock.sleep((waitMs * 2) / 3, signal)
    return browser.services.map(({ host, port: httpPort, addresses = [] }) => ({ host, port: httpPort, addresses }))
  } finally {
    bonjour.destroy()
  }
}

/** The library lets the error of a socket that it cannot bind end the process: nobody listens for it. */
function ignoreErrors(bonjour: Bonjour): void {
  const server: unknown = Reflect.get(bonjour, 'server')
  const mdns: unknown = typeof server === 'object' && server !== null ? Reflect.get(server, 'mdns') : undefined
  if (mdns instanceof EventEmitter) mdns.on('error', () => {})
}

import { EventEmitter } from 'node:events'
import { Bonjour } from 'bonjour-service'
import { DeviceError } from '../../model/device.ts'
import { systemClock } from '../../runtime/clock.ts'
import { openDevice } from '../open-device.ts'
import type { Deps } from '../open-store.ts'

export interface FoundDevice {
  readonly url: string
  /** What it calls itself; undefined where it wants a login first, so that it may be something else. */
  readonly name: string | undefined
}

export type Browse = (signal: AbortSignal) => Promise<readonly HttpHost[]>

/** What the network says, and the name of an IoTaWatt that nobody has renamed. */
export const usualHosts: Browse = async (signal) => [
  ...(await browseNetwork(signal)),
  { host: 'iotawatt.local', port: 80, addresses: [] },
]

/** The IoTaWatts among them. A host is asked for the status of an IoTaWatt, once, and for nothing else. */
export async function findDevices(browse: Browse, deps: Deps, signal: AbortSignal): Promise<FoundDevice[]> {
  const hosts = new Map((await browse(signal)).map((host) => [`${hostName(host)}:${host.port}`, host]))
  // The last one is the usual name.
  const found = await Promise.all(
    [...hosts.values()].slice(-MAX_HOSTS).map((host) => recognize(host, deps, AbortSignal.any([signal]))),
  )
  const byUrl = new Map(found.flatMap((device) => (device ? [[device.url, device]] : [])))
  return [...byUrl.values()].sort((a, b) => Number(!a.name) - Number(!b.name))
}

async function recognize(host: HttpHost, deps: Deps, signal: AbortSignal): Promise<FoundDevice | undefined> {
  for (const url of urlsOf(host)) {
    const found = await tryUrl(url, deps, signal)
    if (found) return found
  }
  return undefined
}

/** By its name first: an address may be another's tomorrow, but not every system looks up names of .local. */
function urlsOf(host: HttpHost): string[] {
  const addresses = host.addresses.filter((address) => /^[\d.]+$/.test(address))
  return [hostName(host), ...addresses]
    .filter((name) => /^[\w.-]+$/.test(name))
    .map((name) => `http://${name}${host.port === 80 ? '' : `:${host.port}`}`)
    .filter((url) => URL.canParse(url))
}

function hostName({ host }: HttpHost): string {
  return host.toLowerCase().replace(/\.$/, '')
}

/** A house has fewer; whoever makes many up keeps nobody waiting. */
const MAX_HOSTS = 64

const PATIENCE = { connectTimeoutMs: 2_000, timeoutMs: 5_000 }

async function tryUrl(url: string, deps: Deps, signal: AbortSignal): Promise<FoundDevice | undefined> {
  // Nobody is asked twice, and no restart is waited for.
  const sleep = () => Promise.reject(new Error('there is no time to wait'))
  const clock = { ...deps.clock, sleep }
  const device = openDevice({ type: 'iotawatt', name: url, url }, PATIENCE, { ...deps, clock })
  try {
    return { url, name: (await device.status(signal)).name }
  } catch (error) {
    signal.throwIfAborted()
    return error instanceof DeviceError && error.reason === 'unauthorized' ? { url, name: undefined } : undefined
  } finally {
    await device.close()
  }
}

/** A host that says that it serves HTTP. */
interface HttpHost {
  readonly host: string
  readonly port: number
  readonly addresses: readonly string[]
}

interface BrowseOptions {
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

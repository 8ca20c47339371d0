import type { Device } from '../model/device.ts'
import { HOUR_MS } from '../model/time-window.ts'
import { type Clock, timeLeft } from '../runtime/clock.ts'
import { refusal, type TriesOptions, withTries } from './ask.ts'
import { batchSize, steadyRows } from './batch-size.ts'
import { type Connection, type OnAnswer, openConnection } from './connection.ts'
import { deviceLoad } from './device-load.ts'
import type { Credentials } from './digest-auth.ts'
import { fetchBatch } from './fetch-batch.ts'
import { firstOfEachName, listChannels } from './list-channels.ts'
import { liveReader } from './live-reader.ts'
import { logWatch } from './log-watch.ts'
import { createMutex } from './mutex.ts'
import { type Transport, undiciTransport } from './transport.ts'

export interface IotawattOptions {
  /** The device's name in the configuration. */
  readonly name: string
  /** `http://host[:port]`. */
  readonly url: string
  readonly auth?: Credentials | undefined
  /** Certificates (PEM) to trust in place of the usual ones, where a proxy before it speaks https. */
  readonly ca?: string | undefined
  /** How much of the time the device may be kept from measuring, 0 to 1. */
  readonly maxDeviceLoad?: number | undefined
  readonly connectTimeoutMs?: number | undefined
  /** For a short answer: the device may be busy with somebody else's question first. */
  readonly timeoutMs?: number | undefined
  readonly batchTimeoutMs?: number | undefined
}

export interface IotawattDeps extends TriesOptions {
  /** For somebody who counts: what was asked for, and how long the answer took. */
  readonly onAnswer?: OnAnswer | undefined
  /** Left out: HTTP over TCP. */
  readonly transport?: Transport | undefined
}

const IDLE_TIMEOUT_MS = 15_000
const [CONNECT_MS, BRIEF_CONNECT_MS] = [5_000, 2_500]

/** An IoTaWatt on the network. Nothing is asked before the first call. */
export function openIotawatt(options: IotawattOptions, deps: IotawattDeps): Device {
  const {
    name,
    auth,
    maxDeviceLoad = 0.25,
    timeoutMs = 30_000,
    batchTimeoutMs = 60_000,
    connectTimeoutMs = deps.isBrief ? BRIEF_CONNECT_MS : CONNECT_MS,
  } = options
  const { clock, onAnswer } = deps
  const url = new URL(options.url)
  const overTcp = { connectTimeoutMs, idleTimeoutMs: IDLE_TIMEOUT_MS, ca: options.ca }
  const transport = deps.transport ?? undiciTransport(url, overTcp)
  const load = deviceLoad(maxDeviceLoad, clock)
  const address = `${url.origin}${url.pathname.replace(/\/+$/, '')}`
  const connection = openConnection({ name, address, auth, transport, load, clock, onAnswer })
  const watch = logWatch(connection, clock, timeoutMs)
  const readFingerprint = fingerprintReader(connection, clock, timeoutMs)
  const takeBatchTurn = createMutex()
  const live = liveReader(connection, { load, clock, timeoutMs })
  const listAll = async (signal: AbortSignal) => {
    const listed = await listChannels(connection, { timeoutMs, signal })
    live.noteSeries(listed)
    return firstOfEachName(listed)
  }
  const source = { ...deps, connection, watch, size: batchSize(), load, timeoutMs: batchTimeoutMs }
  return {
    name,
    cost: { ...load, batchRows: steadyRows },
    status: (signal) => withTries(() => watch.waitUntilOpen(signal), deps, signal),
    listChannels: (signal) => withTries(() => listAll(signal), deps, signal),
    fetchRows: (request, signal) => takeBatchTurn(() => fetchBatch(source, request, signal), signal),
    readLive: live.read,
    configFingerprint: (signal) => withTries(() => readFingerprint(signal), deps, signal),
    close: () => Promise.resolve(),
  }
}

const MAX_CONFIG_BYTES = 64 * 1024
const AFTER_DENIAL_MS = HOUR_MS

/**
 * Reads the device's own hash of its configuration; undefined where only its administrator may. A device that refused
 * it is left alone for an hour: it keeps something on its small heap for each login that did not come about.
 */
function fingerprintReader(
  connection: Connection,
  clock: Clock,
  timeoutMs: number,
): (signal: AbortSignal) => Promise<string | undefined> {
  const question = { path: '/config.txt', timeoutMs, maxBytes: MAX_CONFIG_BYTES, adminOnly: true }
  let deniedUntilMs = 0
  return async (signal) => {
    if (timeLeft(clock.nowMs(), deniedUntilMs, AFTER_DENIAL_MS) > 0) return undefined
    const reply = await connection.get(question, signal)
    if (reply.status === 200) return reply.headers['x-configsha256']
    if (![401, 403, 404].includes(reply.status)) throw refusal({ ...reply, body: '' }, question, connection)
    deniedUntilMs = clock.nowMs() + AFTER_DENIAL_MS
    return undefined
  }
}

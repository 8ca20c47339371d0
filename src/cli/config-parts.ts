import { createHmac } from 'node:crypto'
import type { Config, Secret, StoreConfig } from '../config/config.ts'
import type { Host } from '../web/command-protocol.ts'

/** Commands do not depend on them, but for `check`, which looks at all. */
const OF_THE_DAEMON: ReadonlySet<string> = new Set(['interval', 'backfill', 'web', 'house'])
const LOGIN = 'login'

/** What a configuration asks for, a digest for each part; it tells which parts of two differ, and no secret. */
export function digestParts(config: Config, salt: string): Record<string, string> {
  const { devices, web, house } = config
  const logins = devices.flatMap(({ name, auth }) =>
    auth ? [[`${LOGIN} of ${name}`, { username: auth.username, password: auth.password.reveal() }] as const] : [],
  )
  const { timezone: _, ...settings } = house
  const parts = {
    store: withoutLogin(config.store),
    [`${LOGIN} of the store`]: loginOf(config.store),
    stateDir: config.stateDir,
    lookback: config.lookbackMs,
    chunk: config.chunkMs,
    maxDeviceLoad: config.maxDeviceLoad,
    metric: config.metric,
    devices: devices.map(({ auth: __, ...device }) => device),
    ...Object.fromEntries(logins),
    labels: config.rules,
    migrate: config.migrate,
    interval: config.intervalMs,
    backfill: config.backfill,
    web: { ...web, token: reveal(web.token) },
    house: settings,
  }
  const digest = (value: unknown) => createHmac('sha256', salt).update(JSON.stringify(value)).digest('hex')
  return Object.fromEntries(
    Object.entries(parts).flatMap(([name, value]) => (value === undefined ? [] : [[name, digest(value)]])),
  )
}

/**
 * The parts in which a configuration differs from that of the host, as far as the command depends on them. A login that
 * only the host was given is no difference: its secrets may come from an environment that the command has not.
 */
export function differingParts(config: Config, host: Pick<Host, 'salt' | 'parts'>, command: string): string[] {
  const own = digestParts(config, host.salt)
  const names = new Set([...Object.keys(own), ...Object.keys(host.parts)])
  const differs = (name: string) => own[name] !== host.parts[name]
  if (command === 'check') return [...names].filter(differs)
  return [...names].filter(
    (name) => differs(name) && !OF_THE_DAEMON.has(name) && !(own[name] === undefined && name.startsWith(LOGIN)),
  )
}

function withoutLogin(store: StoreConfig): object {
  const { auth: _, headers: __, ...rest } = store
  return rest
}

function loginOf(store: StoreConfig): object | undefined {
  const { auth, headers = {} } = store
  const revealed = Object.entries(headers).map(([name, value]) => [name, value.reveal()])
  if (!auth && revealed.length === 0) return undefined
  const secret = auth?.kind === 'basic' ? [auth.username, auth.password.reveal()] : reveal(auth?.token)
  return { secret, headers: revealed }
}

function reveal(secret: Secret | undefined): string | undefined {
  return secret?.reveal()
}

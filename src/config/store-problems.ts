import type { KeyPath } from './key-path.ts'
import type { LooseFile, LooseStore } from './loose-file.ts'
import type { KeyProblem } from './schema-problems.ts'
import { isLoopback, readListenAddress } from './setting-kinds.ts'
import { INFLUXDB_KEYS } from './store-schema.ts'

const ADDRESSES = ['url', 'writeUrl', 'readUrl'] as const

/** What does not go together in `store`. */
export function storeProblems(store: LooseStore): KeyProblem[] {
  if (store.type === 'embedded') return embeddedProblems(store)
  if (store.type === 'influxdb') return [...influxDbProblems(store), ...credentialProblems(store)]
  const foreign = given(store, INFLUXDB_KEYS).map((key) =>
    at(key, 'found a key of InfluxDB; expected type: influxdb beside it', true),
  )
  return foreign.length > 0 ? foreign : [...addressProblems(store), ...credentialProblems(store)]
}

function embeddedProblems(store: LooseStore): KeyProblem[] {
  return Object.entries(store)
    .filter(([key, value]) => key !== 'type' && value !== undefined)
    .map(([key]) => at(key, `found beside type: embedded; expected no other key, or type: ${ownerOf(key)}`, true))
}

function ownerOf(key: string): string {
  return INFLUXDB_KEYS.includes(key) ? 'influxdb' : 'victoriametrics'
}

function addressProblems({ url, writeUrl, readUrl, type, ...store }: LooseStore): KeyProblem[] {
  if (url !== undefined && (writeUrl ?? readUrl) !== undefined)
    return [
      at('url', 'found beside writeUrl or readUrl; expected url for a single node, or both others for a cluster', true),
    ]
  if (writeUrl !== undefined && readUrl === undefined)
    return [at('readUrl', 'found nothing; expected the address of vmselect beside writeUrl')]
  if (readUrl !== undefined && writeUrl === undefined)
    return [at('writeUrl', 'found nothing; expected the address of vminsert beside readUrl')]
  if (readUrl !== undefined && writeUrl !== undefined) return tenantProblems(writeUrl, readUrl)
  const needsAddress = type === 'victoriametrics' || Object.values(store).some((value) => value !== undefined)
  if (needsAddress && ADDRESSES.every((key) => ({ url, writeUrl, readUrl })[key] === undefined))
    return [at('url', 'found nothing; expected the address of VictoriaMetrics such as http://victoriametrics:8428')]
  return []
}

/** What is written for one tenant is not there when another is read. */
function tenantProblems(writeUrl: string, readUrl: string): KeyProblem[] {
  const [written, read] = [tenantOf(writeUrl, 'insert'), tenantOf(readUrl, 'select')]
  if (written === undefined || read === undefined || written === read) return []
  const expected = `expected ${written}, which writeUrl has: else nothing that is written could be read`
  return [at('readUrl', `found tenant ${read}; ${expected}`, true)]
}

/** `4` is `4:0`. */
function tenantOf(url: string, path: 'insert' | 'select'): string | undefined {
  const [, tenant] = new RegExp(`/${path}/([^/?#]+)(?:/|$)`).exec(url) ?? []
  return tenant !== undefined && /^\d+$/.test(tenant) ? `${tenant}:0` : tenant
}

function credentialProblems(store: LooseStore): KeyProblem[] {
  const password = store.password ?? store.passwordFile
  const token = store.token ?? store.tokenFile
  const hasAuthorization = Object.keys(store.headers ?? {}).some((name) => name.toLowerCase() === 'authorization')
  const problems = [...bothGiven(store, 'password', ['store']), ...bothGiven(store, 'token', ['store'])]
  if (store.username !== undefined && password === undefined)
    problems.push(at('username', 'found a user without a password; expected password or passwordFile beside it', true))
  if (store.username === undefined && password !== undefined)
    problems.push(at('username', 'found nothing; expected the user whose password is given'))
  if (token !== undefined && (store.username ?? password) !== undefined)
    problems.push(at('username', 'found a user or password beside a token; expected one way to log in', true))
  if (hasAuthorization && (token ?? password) !== undefined)
    problems.push(at('headers', 'found Authorization beside a password or token; expected one way to log in', true))
  return problems
}

interface Secrets {
  readonly password?: string | undefined
  readonly passwordFile?: string | undefined
  readonly token?: string | undefined
  readonly tokenFile?: string | undefined
}

/** A secret stands in the configuration, or in a file. */
export function bothGiven(given: Secrets, key: 'password' | 'token', path: KeyPath): KeyProblem[] {
  if (given[key] === undefined || given[`${key}File`] === undefined) return []
  const message = `found beside ${key}; expected one of the two`
  return [{ path: [...path, `${key}File`], message, atKey: true }]
}

const VICTORIAMETRICS_KEYS = ['writeUrl', 'readUrl', 'cacheResetUrls', 'flushUrls', 'headers', 'allowDuplicates']

/** What does not go together in a `store` of InfluxDB. */
function influxDbProblems(store: LooseStore): KeyProblem[] {
  const foreign = given(store, VICTORIAMETRICS_KEYS).map((key) =>
    at(key, 'found beside type: influxdb; expected it with type: victoriametrics alone', true),
  )
  const address =
    store.url === undefined
      ? [at('url', 'found nothing; expected the address of InfluxDB such as http://influxdb:8086')]
      : []
  return [...foreign, ...address, ...targetProblems(store)]
}

function targetProblems(store: LooseStore): KeyProblem[] {
  const [ofFirst, ofSecond] = [given(store, ['database', 'retentionPolicy']), given(store, ['organization', 'bucket'])]
  const [first] = ofFirst
  if (first !== undefined && ofSecond.length > 0)
    return [
      at(
        first,
        `found beside ${ofSecond.join(' and ')}; expected database for InfluxDB 1.x, or organization and bucket for 2.x`,
        true,
      ),
    ]
  if (ofSecond.length > 0) return secondProblems(store)
  const token = given(store, ['token', 'tokenFile']).map((key) =>
    at(key, 'found a token; expected username and password for InfluxDB 1.x, or organization and bucket for 2.x', true),
  )
  if (store.database !== undefined) return token
  return [at('database', 'found nothing; expected the database of InfluxDB 1.x, or organization and bucket of 2.x')]
}

function secondProblems(store: LooseStore): KeyProblem[] {
  const missing = (['organization', 'bucket'] as const).filter((key) => store[key] === undefined)
  const problems = missing.map((key) => at(key, `found nothing; expected the ${key} of InfluxDB 2.x`))
  const login = given(store, ['username', 'password', 'passwordFile'])
  if (login.length === 0 && (store.token ?? store.tokenFile) === undefined)
    problems.push(at('token', 'found nothing; expected a token of InfluxDB 2.x, or tokenFile'))
  for (const key of login)
    problems.push(at(key, 'found a login of InfluxDB 1.x; expected token or tokenFile for 2.x', true))
  return problems
}

function given(store: LooseStore, keys: readonly string[]): string[] {
  return keys.filter((key) => store[key] !== undefined)
}

function at(key: string, message: string, isThere = false): KeyProblem {
  return { path: ['store', key], message, ...(isThere && { atKey: true }) }
}

/** What does not go together in `alerts`. */
export function alertProblems({ to = [], circuits = [] }: NonNullable<LooseFile['alerts']>): KeyProblem[] {
  return [
    ...to.flatMap((receiver, index) => bothGiven(receiver, 'token', ['alerts', 'to', index])),
    ...circuits.flatMap(({ above, below }, index): KeyProblem[] => {
      const path = ['alerts', 'circuits', index]
      if (above !== undefined && below !== undefined)
        return [{ path: [...path, 'below'], message: 'found beside above; expected one of the two', atKey: true }]
      return above === undefined && below === undefined
        ? [{ path: [...path, 'above'], message: 'found nothing; expected above or below, and a number of watts' }]
        : []
    }),
  ]
}

/** What does not go together in `web`. */
export function webProblems(web: NonNullable<LooseFile['web']>): KeyProblem[] {
  const problems = bothGiven(web, 'token', ['web'])
  if (problems.length > 0) return problems
  const { listen, token, tokenFile } = web
  const address = readListenAddress(listen ?? '')
  if (!('value' in address) || isLoopback(address.value.host) || (token ?? tokenFile) !== undefined) return []
  const message = `found ${listen}, where others than this machine can ask, and no token; expected tokenFile beside it, or a loopback address such as 127.0.0.1:8480`
  return [{ path: ['web', 'listen'], message }]
}

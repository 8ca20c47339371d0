import type { Auth, StoreConfig } from '../../config/config.ts'
import { parsePointInTime } from '../../config/setting-kinds.ts'
import { DEFAULT_TEMPLATES } from '../../model/point-template.ts'
import { StoreError, type Store } from '../../model/store.ts'
import { formatMinute } from '../../model/time-window.ts'
import { explain } from '../../runtime/errors.ts'
import { explainMissingLibrary, findMissingDuckdb } from '../../store/embedded/load-duckdb.ts'
import { describeStore, type Finding } from '../../sync/check/check-device.ts'
import { describeSoonDropped } from '../../sync/session/retention.ts'
import { adviceOf } from '../../sync/session/store-advice.ts'
import { openStore, type Deps } from '../open-store.ts'
import { askAddress, type Choice, type Prompts } from './prompts.ts'
import { type DeviceSetup, type InitRun, type Login, readStore, type StoreSetup } from './setup.ts'

interface WithDevices {
  readonly devices: readonly DeviceSetup[]
}

/** Where the samples go; a server is looked at as soon as its address is known. */
export async function askStore(prompts: Prompts, options: InitRun & WithDevices): Promise<StoreSetup> {
  const noEmbedded = findMissingDuckdb()
  if (noEmbedded !== undefined) prompts.warn(describeNoEmbedded(noEmbedded))
  const types = STORES.filter(({ value }) => noEmbedded === undefined || value !== 'embedded')
  let store = options.store ?? (await chooseStore(prompts, types))
  for (;;) {
    if (store.type === 'embedded') {
      if (noEmbedded === undefined) return store
      store = await chooseStore(prompts, types)
      continue
    }
    const next = await tryStore(store, prompts, options)
    if (next === 'take') return store
    if (next === 'other') store = await chooseStore(prompts, types)
    else store = withLogin(store, next)
  }
}

type ServerSetup = Exclude<StoreSetup, { readonly type: 'embedded' }>

async function chooseStore(prompts: Prompts, types: typeof STORES): Promise<StoreSetup> {
  const [only, ...others] = types
  const type =
    only && others.length === 0 ? only.value : await prompts.choose('Where should the samples be stored?', types)
  if (type === 'embedded') return { type }
  if (type === 'influxdb') return askInfluxDb(prompts)
  return readStore(await askAddress(prompts, 'What is its address?', { initial: 'http://localhost:8428' }))
}

async function askInfluxDb(prompts: Prompts): Promise<StoreSetup> {
  const address = await askAddress(prompts, 'What is its address?', { initial: 'http://localhost:8086' })
  const version = await prompts.choose<'1.x' | '2.x'>('Which InfluxDB is it?', [
    { value: '1.x', label: '1.x', hint: 'it has databases' },
    { value: '2.x', label: '2.x', hint: 'it has organizations and buckets, and wants a token' },
  ])
  if (version === '1.x') return readStore(address, { database: await askName(prompts, 'Which database?') })
  const organization = await askName(prompts, 'Which organization?')
  const bucket = await askName(prompts, 'Which bucket?')
  const login = { kind: 'token', secret: await prompts.password('The token') } as const
  return withLogin(readStore(address, { organization, bucket }), login)
}

function withLogin(store: StoreSetup, login: Login): StoreSetup {
  return store.type === 'embedded' ? store : { ...store, login }
}

function askName(prompts: Prompts, question: string): Promise<string> {
  return prompts.text(question, { problem: (text) => (text.trim() === '' ? 'expected its name' : undefined) })
}

const STORES: readonly Choice<StoreSetup['type']>[] = [
  { value: 'victoriametrics', label: 'VictoriaMetrics', hint: 'an existing server' },
  {
    value: 'embedded',
    label: 'A local file',
    hint: 'nothing else to install; you can switch to VictoriaMetrics later',
  },
  { value: 'influxdb', label: 'InfluxDB', hint: 'a server that runs already, 1.x or 2.x' },
]

/** Why a configuration for the embedded store is not written on this machine. */
export function describeNoEmbedded(why: string): string {
  return `${explainMissingLibrary(why).message}: samples go into a VictoriaMetrics`
}

/** Whether to take it as it is, to try another, or to log in. */
async function tryStore(
  setup: ServerSetup,
  prompts: Prompts,
  { deps, devices, signal }: InitRun & WithDevices,
): Promise<'take' | 'other' | Login> {
  try {
    const findings = await inspectStore(configOf(setup), deps, { devices, signal })
    for (const { verdict, message } of findings)
      if (verdict === 'GOOD') prompts.say(message)
      else prompts.warn(message)
    return findings.some(({ verdict }) => verdict === 'BAD') ? await prompts.choose('What now?', BAD_CHOICES) : 'take'
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    prompts.warn(explain(error))
    if (error.reason !== 'unauthorized') return prompts.choose('What now?', BAD_CHOICES)
    const next = await prompts.choose('What now?', loginChoices(setup))
    return next === 'other' ? next : askLogin(next, prompts)
  }
}

const OTHER = { value: 'other', label: 'Use another store or another address' } as const
const BAD_CHOICES: readonly Choice<'other' | 'take'>[] = [OTHER, { value: 'take', label: 'Use it anyway' }]
const LOGIN_CHOICES: readonly Choice<'password' | 'token' | 'other'>[] = [
  { value: 'password', label: 'Log in with user and password' },
  { value: 'token', label: 'Log in with a token' },
  OTHER,
]

async function askLogin(kind: 'password' | 'token', prompts: Prompts): Promise<Login> {
  if (kind === 'token') return { kind, secret: await prompts.password('The token') }
  const username = await prompts.text('The user', { problem: (text) => (text === '' ? 'expected a user' : undefined) })
  return { kind, username, secret: await prompts.password('The password') }
}

/** The two versions of InfluxDB know one way each. */
function loginChoices(setup: ServerSetup) {
  if (setup.type === 'victoriametrics') return LOGIN_CHOICES
  const other = setup.bucket === undefined ? 'token' : 'password'
  return LOGIN_CHOICES.filter(({ value }) => value !== other)
}

/** As it is opened at once, before there is a file. */
export function storeConfigOf(setup: StoreSetup): StoreConfig {
  return setup.type === 'embedded' ? setup : configOf(setup)
}

function configOf(setup: ServerSetup): ServerConfig {
  const { url, login } = setup
  const auth = login && authOf(login)
  const more = auth && { auth }
  if (setup.type === 'victoriametrics')
    return { type: setup.type, address: { url }, headers: {}, allowDuplicates: false, ...more }
  const { database = '', organization = '', bucket } = setup
  const target =
    bucket === undefined ? ({ version: '1.x', database } as const) : ({ version: '2.x', organization, bucket } as const)
  return { type: setup.type, url, target, templates: DEFAULT_TEMPLATES, ...more }
}

function authOf(login: Login): Auth | undefined {
  if (login.kind === 'environment') return undefined
  return login.kind === 'token'
    ? { kind: 'bearer', token: login.secret }
    : { kind: 'basic', username: login.username, password: login.secret }
}

type ServerConfig = Exclude<StoreConfig, { readonly type: 'embedded' }>

/** What `check` would say of a server, and whether it would keep everything that is expected. Throws `StoreError`. */
export async function inspectStore(
  config: ServerConfig,
  deps: Deps,
  { devices, signal }: WithDevices & Pick<InitRun, 'signal'>,
): Promise<Finding[]> {
  const store = await openStore({ store: config, stateDir: '' }, deps)
  try {
    const status = await store.status(signal)
    return [
      ...describeStore(store, status, { allowDuplicates: config.allowDuplicates ?? false }),
      ...retentionWarning(status.retainsFromMs, devices, { nowMs: deps.clock.nowMs(), store }),
    ]
  } finally {
    await store.close()
  }
}

function retentionWarning(
  retainsFromMs: number | undefined,
  devices: readonly DeviceSetup[],
  now: { readonly nowMs: number; readonly store: Store },
): Finding[] {
  const expectedFromMs = Math.min(
    ...devices.map(({ since, firstMs }) => Math.max(firstMs, parsePointInTime(since ?? '') ?? 0)),
  )
  const soon = describeSoonDropped({ ...(retainsFromMs !== undefined && { retainsFromMs }), expectedFromMs }, now)
  if (soon !== undefined) return [{ verdict: 'WARN', subject: 'store', message: soon }]
  if (retainsFromMs === undefined || retainsFromMs <= expectedFromMs) return []
  const message = `it drops what the devices have from ${formatMinute(expectedFromMs)} on; to keep it, ${adviceOf(now.store).keepLonger}`
  return [{ verdict: 'WARN', subject: 'store', message }]
}

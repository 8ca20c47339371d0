import { type DeviceChannel, DeviceError } from '../../model/device.ts'
import { formatMinute } from '../../model/time-window.ts'
import { explain } from '../../runtime/errors.ts'
import { describeDevice } from '../../sync/check/check-device.ts'
import { findDevices } from './find-devices.ts'
import { channelEntry, chosenChannels, type DeviceInspection, inspectDevice, ownName } from './look-at-device.ts'
import { askAddress, type Choice, type Prompts } from './prompts.ts'
import {
  areSame,
  type DeviceSetup,
  givenSince,
  type InitRun,
  type Login,
  nameProblem,
  readAddress,
  refuseUnknownChannels,
  sinceProblem,
} from './setup.ts'

/** Those that are found, and those whose address somebody knows; one at least. */
export async function askDevices(prompts: Prompts, run: InitRun): Promise<DeviceSetup[]> {
  const devices: DeviceSetup[] = []
  const add = async (url: string): Promise<void> => {
    const device = await askDevice(url, prompts, { ...run, others: devices })
    if (device === 'other address') return add(await askUrl(prompts, devices))
    if (device !== 'leave out') devices.push(device)
  }
  for (const url of await chooseFound(prompts, run)) await add(url)
  while (devices.length === 0 || (await prompts.yesOrNo('Add another device by its address?')))
    await add(await askUrl(prompts, devices))
  refuseUnknownChannels(run.flags, devices)
  return devices
}

async function chooseFound(prompts: Prompts, { browse, deps, signal }: InitRun): Promise<string[]> {
  prompts.say('Looking for IoTaWatts on this network (some seconds) …')
  const found = await findDevices(browse, deps, signal)
  if (found.length === 0) {
    prompts.say('None answered: they may be on another network, or multicast DNS may be blocked.')
    return []
  }
  const choices = found.map(({ url, name }) => ({
    value: url,
    label: name === undefined ? `${url}: requires a login, so it may be an IoTaWatt` : `${url}: ${name}`,
  }))
  const recognized = new Set(found.filter(({ name }) => name !== undefined).map(({ url }) => url))
  return prompts.chooseSome('Which of these should be copied? (you can add more afterwards)', choices, {
    chosen: (url) => recognized.has(url),
    mayBeNone: true,
  })
}

async function askUrl(prompts: Prompts, others: readonly DeviceSetup[]): Promise<string> {
  const answer = await askAddress(prompts, 'What is the address of the IoTaWatt?', {
    placeholder: 'iotawatt.local or 192.168.1.50',
    problem: (url) => (others.some((other) => other.url === url) ? 'this device is already in the list' : undefined),
  })
  const reading = readAddress(answer)
  return 'value' in reading ? reading.value : answer
}

interface AskOptions extends InitRun {
  /** Those that are set up already. */
  readonly others: readonly DeviceSetup[]
}

/** What was asked for in its place. */
type Instead = 'other address' | 'leave out'

/** Looks at the device, and asks what there is to choose. */
async function askDevice(url: string, prompts: Prompts, options: AskOptions): Promise<DeviceSetup | Instead> {
  const looked = await inspectWithLogin(url, prompts, options)
  if (typeof looked === 'string') return looked
  const { status, channels, week, weekProblem, login } = looked
  const { firstMs, standardOffsetMs } = status
  prompts.say(`${url} ${describeDevice(url, status).message}`)
  if (weekProblem !== undefined) prompts.warn(weekProblem)
  const same = options.others.find((other) => areSame(other, { firstMs, channels }))
  if (same) {
    prompts.warn(`This is ${same.name} again, at another address; skipping it.`)
    return 'leave out'
  }
  if (channels.every((channel) => channelEntry(channel) === undefined)) {
    prompts.warn('It lists no channel that can be copied; skipping it.')
    return 'leave out'
  }
  const name = await prompts.text('Device name (stored as the `device` label; cannot be changed later)', {
    initial: ownName(status),
    problem: (text) =>
      nameProblem(text) ??
      (options.others.some((other) => other.name === text) ? `expected another name: ${text} is in use` : undefined),
  })
  const expected = await askChannels(channels, prompts, options.flags.channel)
  const firstDay = formatMinute(firstMs).slice(0, 10)
  const since =
    givenSince(options.flags, status) ??
    (await prompts.text('Copy from which day on? (default: the first day of its log)', {
      initial: firstDay,
      problem: (text) => sinceProblem(text, status.newestMs),
    }))
  const seen = { firstMs, channels, week, standardOffsetMs }
  return { name, url, ...seen, expected, ...(login && { login }), ...(since !== firstDay && { since }) }
}

type PasswordLogin = Extract<Login, { readonly kind: 'password' }>

async function inspectWithLogin(
  url: string,
  prompts: Prompts,
  { deps, signal }: AskOptions,
): Promise<(DeviceInspection & { readonly login?: PasswordLogin }) | Instead> {
  let login: PasswordLogin | undefined
  for (;;) {
    try {
      const auth = login && { username: login.username, password: login.secret }
      const device = { type: 'iotawatt', name: new URL(url).host, url, ...(auth && { auth }) } as const
      const look = await inspectDevice(device, deps, signal)
      return { ...look, ...(login && { login }) }
    } catch (error) {
      signal.throwIfAborted()
      const needsLogin = error instanceof DeviceError && error.reason === 'unauthorized'
      if (needsLogin && login === undefined) prompts.say(`${url} requires a login.`)
      else prompts.warn(explain(error))
      const next = await prompts.choose('What now?', needsLogin ? LOGIN_CHOICES : RETRY_CHOICES)
      if (next === 'leave out' || next === 'other address') return next
      if (next !== 'retry') login = { kind: 'password', username: next, secret: await prompts.password('Its password') }
    }
  }
}

const INSTEAD: readonly Choice<Instead>[] = [
  { value: 'other address', label: 'Enter another address' },
  { value: 'leave out', label: 'Skip this device' },
]
const RETRY_CHOICES: readonly Choice<'retry' | Instead>[] = [{ value: 'retry', label: 'Try again' }, ...INSTEAD]
const LOGIN_CHOICES: readonly Choice<'admin' | 'user' | Instead>[] = [
  { value: 'admin', label: 'Log in as admin' },
  {
    value: 'user',
    label: 'Log in as user',
    hint: 'only if a user password is set: without one the device restarts',
  },
  ...INSTEAD,
]

async function askChannels(
  channels: readonly DeviceChannel[],
  prompts: Prompts,
  named: readonly string[] = [],
): Promise<Set<string>> {
  const usual = chosenChannels(channels, named)
  if (named.length > 0 && usual.size > 0) return usual
  const choices = channels.map((channel) => ({ value: channel.name, ...describeChannel(channel) }))
  return new Set(
    await prompts.chooseSome('Which channels should be copied?', choices, {
      chosen: (name) => usual.has(name),
      mayBeNone: false,
    }),
  )
}

function describeChannel(channel: DeviceChannel): { label: string; isDisabled: boolean } {
  const { name, unit, kind } = channel
  const isDisabled = channelEntry(channel) === undefined
  const words = [
    ...(kind === 'output' ? ['an output: sums would count its inputs twice'] : []),
    ...(kind === 'unknown' ? ['an input or an output'] : []),
    ...(unit === 'Watts' ? [] : [unit]),
    ...(isDisabled ? ['cannot be copied'] : []),
  ]
  return { label: words.length === 0 ? name : `${name} (${words.join(', ')})`, isDisabled }
}

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DeviceError, type DeviceStatus } from '../../model/device.ts'
import { DAY_MS } from '../../model/time-window.ts'
import { silentLog } from '../../runtime/log.ts'
import { createDeviceIdentities, type ConfiguredDevice, type DeviceIdentities } from './device-identities.ts'
import { knownDevicesIn } from './known-devices.ts'

const [A, B, C] = ['5c:cf:7f:00:00:0a', '5c:cf:7f:00:00:0b', '5c:cf:7f:00:00:0c']
const { signal } = new AbortController()

let folder: string
let nowMs = Date.UTC(2026, 10, 30)
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'identities-'))
})
afterEach(() => rm(folder, { recursive: true }))

interface Answer {
  readonly name: string
  readonly mac?: string | undefined
  readonly isCard?: boolean
}
type House = Readonly<Record<string, Answer | 'off'>>

/** A process: each configured device, and what answers at its address. */
function process(house: House, pins: Readonly<Record<string, string>> = {}): DeviceIdentities {
  const devices = Object.entries(house).map(([name, answer]): ConfiguredDevice => {
    const mac = pins[name]
    return {
      name,
      url: `http://${name}.test`,
      ...(mac !== undefined && { mac }),
      askStatus: async () => {
        if (answer === 'off') throw new DeviceError('unreachable', 'off')
        return statusOf(answer)
      },
    }
  })
  const never = () => new Promise<void>(() => {})
  const clock = { nowMs: () => nowMs, sleep: never }
  return createDeviceIdentities({ devices, known: knownDevicesIn(folder), clock, log: silentLog })
}

function statusOf({ name, mac, isCard }: Answer): DeviceStatus {
  const times = { startedAtMs: 0, clockMs: nowMs, firstMs: 0, newestMs: nowMs }
  return { name, version: '02_08_04', ...times, ...(mac !== undefined && { mac }), ...(isCard && { isCard }) }
}

/** What is reported of each device that answers: its warnings, or why nothing is written for it. */
async function judge(house: House, pins: Readonly<Record<string, string>> = {}) {
  const identities = process(house, pins)
  const answers = Object.entries(house).flatMap(([name, answer]) => (answer === 'off' ? [] : [[name, answer] as const]))
  const logged = await Promise.all(
    answers.map(async ([name, answer]) => {
      const found = identities.judge(name, statusOf(answer), signal)
      return [
        name,
        await found.then(
          (warnings) => warnings.join(),
          (error: unknown) => `BAD ${String(error)}`,
        ),
      ]
    }),
  )
  return Object.fromEntries(logged) as Record<string, string>
}

const right = { garage: { name: 'IotaWatt', mac: A }, house: { name: 'IotaWatt', mac: B } }
const exchanged = { garage: right.house, house: right.garage }

it('devices that are what they were are taken as they are, from their first look on', async () => {
  for (let look = 0; look < 2; look++) expect(await judge(right)).toEqual({ garage: '', house: '' })
})

describe('under the name of another one', () => {
  it.each(['house', 'House', 'HOUSE'])('as %s, nothing is written for it', async (name) =>
    expect(await judge({ garage: { name }, house: 'off' })).toEqual({
      garage: expect.stringMatching(
        /^BAD .*garage: http:\/\/garage\.test answers as house, .*\(http:\/\/house\.test\)/i,
      ),
    }),
  )
  it('both of two whose addresses were exchanged are refused', async () => {
    const logged = await judge({ garage: { name: 'house', mac: B }, house: { name: 'garage', mac: A } })
    expect(Object.values(logged).every((text) => text.startsWith('BAD'))).toBe(true)
  })
  it('its own name may be that of nobody, or its own', async () =>
    expect(await judge({ garage: { name: 'GARAGE' }, house: { name: 'iwatt6' } })).toEqual({ garage: '', house: '' }))
  it('a card is of the device that it was given for', async () =>
    expect(await judge({ garage: { name: 'house', isCard: true }, house: 'off' })).toEqual({ garage: '' }))
  it('a MAC in the configuration says that it is meant', async () => {
    expect(await judge({ garage: { name: 'house', mac: A }, house: { name: 'x', mac: B } }, { garage: A })).toEqual({
      garage: '',
      house: '',
    })
    expect(await judge({ garage: { name: 'house', isCard: true }, house: 'off' }, { garage: A })).toEqual({
      garage: '',
    })
  })
})

describe('with the MAC of another one', () => {
  it('one device at two addresses is refused at both, on the first look too', async () => {
    const logged = await judge({ garage: { name: 'x', mac: A }, house: { name: 'x', mac: A } })
    expect(logged['garage']).toMatch(/^BAD .*so does house \(http:\/\/house\.test\): they are one device/)
    expect(logged['house']).toMatch(/^BAD .*so does garage/)
  })
  it.each([
    ['at two addresses', {}, /^correct the url of house, or that of garage; /],
    ['that the configuration knows', { garage: A }, /^correct the url of house, or the mac under garage; /],
  ])('one device %s is not told to write the MAC, which would not help', async (_, pins, hint) => {
    const identities = process({ garage: { name: 'x', mac: A }, house: { name: 'x', mac: A } }, pins)
    await expect(identities.judge('house', statusOf({ name: 'x', mac: A }), signal)).rejects.toMatchObject({
      hint: expect.stringMatching(hint),
    })
  })
  it('an exchange is seen by what was known, whatever their names, and when the other one is off', async () => {
    await judge(right)
    for (const house of [exchanged, { ...exchanged, house: 'off' as const }])
      for (const text of Object.values(await judge(house))) expect(text).toMatch(/^BAD .* is known/)
    expect(await judge(right)).toEqual({ garage: '', house: '' })
  })
  it('the configuration decides where it gives the MACs', async () => {
    await judge(right)
    expect(await judge(exchanged, { garage: B, house: A })).toEqual({ garage: '', house: '' })
    expect(await judge(right, { garage: B })).toEqual({
      garage: expect.stringMatching(
        /^BAD .*answers with the MAC 5c:cf:7f:00:00:0a, and the configuration gives it .*0b/,
      ),
      house: expect.stringMatching(/^BAD .*which the configuration gives to garage/),
    })
  })
  it('one that emulates the firmware has a MAC of no vendor, and is told apart by its name as well', async () => {
    const mac = '00:00:00:00:00:01'
    expect(await judge({ a: { name: 'one', mac }, b: { name: 'two', mac } })).toEqual({ a: '', b: '' })
    const logged = await judge({ a: { name: 'one', mac }, b: { name: 'one', mac } })
    expect(Object.values(logged).every((text) => text.startsWith('BAD'))).toBe(true)
  })
})

describe('with a MAC that nobody is known by', () => {
  it('it was replaced: that is reported for a day, and it goes on', async () => {
    await judge(right)
    const replaced = { ...right, garage: { name: 'IotaWatt', mac: C } }
    for (let look = 0; look < 2; look++)
      expect(await judge(replaced)).toEqual({
        garage: expect.stringMatching(/^garage: .*0c and was known by .*0a/),
        house: '',
      })
    nowMs += 2 * DAY_MS
    expect(await judge(replaced)).toEqual({ garage: '', house: '' })
  })
  it('a device that tells none is judged by its name alone', async () => {
    expect(await judge({ garage: { name: 'x' }, house: { name: 'y' } })).toEqual({ garage: '', house: '' })
    expect(await judge({ garage: { name: 'x' }, house: 'off' }, { garage: A })).toEqual({
      garage: expect.stringContaining('does not tell one'),
    })
  })
})

describe('the file of what is known', () => {
  it.each(['', '{', '[]', '{"garage":{"mac":5}}'])(
    'that holds %j knows nothing, and is written again',
    async (text) => {
      await writeFile(join(folder, 'devices.json'), text)
      expect(await judge(right)).toEqual({ garage: '', house: '' })
      expect(JSON.parse(await readFile(join(folder, 'devices.json'), 'utf8'))).toMatchObject({
        garage: { mac: A },
        house: { mac: B },
      })
    },
  )
  it('keeps what other processes know', async () => {
    await judge({ garage: right.garage })
    await judge({ house: right.house })
    expect(Object.keys(JSON.parse(await readFile(join(folder, 'devices.json'), 'utf8')))).toEqual(['garage', 'house'])
  })
})

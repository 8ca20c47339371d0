import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { reloadsIn } from '../src/sync/legacy/reload/finish-reloads.ts'
import { askedSchema, type CommandOptions, type CommandRun } from '../src/cli/command.ts'
import { type VerifyFlags, verifyFlags } from '../src/cli/flags.ts'
import { verifyCommand } from '../src/cli/verify-command.ts'
import type { Config } from '../src/config/config.ts'
import type { CommandOutput } from '../src/model/daemon.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { createDirectQueue, type DeviceQueue } from '../src/sync/session/device-work.ts'
import { DeviceError } from '../src/model/device.ts'
import { changed, seriesOf, UNTIL_MS, verifiedHouse, type Minutes } from './verified-house.ts'

const { fromMs, measured, setUp } = verifiedHouse({ days: 3 })
const { signal } = new AbortController()
const dayMs = fromMs + DAY_MS
const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

/** An hour is missing for Dryer, a day for all, the Fridge has a minute twice. */
const stored: Minutes = new Map(
  [...measured].map(([name, minutes]) => [
    name,
    new Map(
      [...minutes].filter(
        ([atMs]) =>
          (atMs < dayMs || atMs >= dayMs + DAY_MS) &&
          (name !== 'Dryer' || atMs < fromMs + 2 * HOUR_MS || atMs >= fromMs + 3 * HOUR_MS),
      ),
    ),
  ]),
)
const twiceMs = fromMs + 7 * MINUTE_MS
const twice = seriesOf('Fridge', [[twiceMs, measured.get('Fridge')!.get(twiceMs)!]])
const late = seriesOf('Furnace', [[twiceMs + 5_000, 3]])

interface Setting {
  readonly content?: Minutes
  readonly more?: Parameters<typeof setUp>[0]['more']
  readonly answer?: Awaited<ReturnType<CommandOutput['ask']>>
  readonly changes?: Partial<CommandRun['engine']>
  readonly isOff?: boolean
  /** Another device, which never ends, is looked at until it is stopped. */
  readonly stopped?: AbortController
}

/** The command in this process, with what it says. */
async function verify(options: Partial<CommandOptions & VerifyFlags>, setting: Setting = {}) {
  const { content = stored, more = [twice], answer = 'nobody', changes, isOff = false, stopped } = setting
  const stateDir = await mkdtemp(join(tmpdir(), 'verify-'))
  folders.push(stateDir)
  const house = setUp({ stored: content, more, context: { reloads: reloadsIn(join(stateDir, 'backup')) } })
  const off = { status: () => Promise.reject(new DeviceError('rejected', 'garage: off')) }
  const context = isOff ? { ...house.context, device: { ...house.context.device, ...off } } : house.context
  const endless: DeviceQueue = { ...createDirectQueue(context), name: 'cellar', run: () => rejection(stopped?.signal) }
  const queues = [...(stopped ? [endless] : []), createDirectQueue(context)]
  const printed: string[] = []
  const said: string[] = []
  const asked: string[] = []
  const output: CommandOutput = {
    print(line) {
      printed.push(line.replaceAll(stateDir, 'data'))
      stopped?.abort(new Error('stopped'))
    },
    write: () => Promise.resolve(),
    log: (_, message) => void said.push(message),
    isWatched: true,
    progress() {},
    ask: (question) => {
      asked.push(question.replaceAll(stateDir, 'data'))
      return Promise.resolve(answer)
    },
  }
  const config = { stateDir, intervalMs: 5 * MINUTE_MS } as Config
  const engine = { config, store: house.context.store, queues, ...changes }
  const run = {
    engine,
    queues,
    options: askedSchema.extend(verifyFlags.shape).parse(options),
    output,
    signal: stopped?.signal ?? signal,
  }
  const ended = house.clock.runUntilDone(verifyCommand(run)).catch((error: unknown) => {
    if (!stopped) throw error
    return undefined
  })
  return { code: await ended, printed, said, asked, house }
}

function rejection(stop: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => stop?.addEventListener('abort', () => reject(stop.reason)))
}

describe('verify', () => {
  it('ends with 0 where nothing differs', async () => {
    expect(await verify({}, { content: measured, more: [] })).toMatchObject({
      code: 0,
      printed: ['garage: 3 channels, 2024-05-29T00:00Z to 2024-06-01T12:00Z', '  nothing is missing or duplicate'],
    })
  })

  it('names days and channels, what they come to and what fixes them, and ends with 4', async () => {
    const { code, printed } = await verify({}, { more: [twice, late] })
    expect(printed).toEqual([
      'garage: 3 channels, 2024-05-29T00:00Z to 2024-06-01T12:00Z',
      expect.stringMatching(/^ {2}day +when +channels +missing +duplicate +kWh$/),
      expect.stringMatching(/^ {2}2024-05-29 +02:00 to 03:00 +Dryer +60 min +0 min +\d\.\d{3}$/),
      expect.stringMatching(/^ {2}2024-05-29 +00:07 to 00:08 +Fridge +0 min +1 min +0\.00\d$/),
      expect.stringMatching(/^ {2}2024-05-30 +all day +all 3 +1440 min +0 min +\d+\.\d{3}$/),
      expect.stringMatching(
        /^ {2}minutes, of all channels together: missing 4380, duplicate 1, off-grid 1; \d+\.\d{3} kWh$/,
      ),
      '  to fill what is missing: iotawatt-sync verify --repair garage',
      '  to rewrite series, with a backup: iotawatt-sync verify --reload-series garage',
    ])
    expect(code).toBe(4)
  })

  it('says what it found of a device when that is done, though it is stopped while at another', async () => {
    const { printed } = await verify({}, { content: measured, more: [], stopped: new AbortController() })
    expect(printed).toEqual([expect.stringMatching(/^garage: 3 channels/), '  nothing is missing or duplicate'])
  })

  it('names times in their order, whatever is found at them', async () => {
    const lastMs = dayMs - 3 * MINUTE_MS
    const gap = (atMs: number) => atMs >= fromMs + 2 * HOUR_MS && atMs < fromMs + 2 * HOUR_MS + 11 * MINUTE_MS
    const fridge = new Map([...measured.get('Fridge')!].filter(([atMs]) => !gap(atMs)))
    const more = [seriesOf('Fridge', [[lastMs, fridge.get(lastMs)!]])]
    const { printed } = await verify({}, { content: new Map([...measured, ['Fridge', fridge]]), more })
    expect(printed[2]).toMatch(/^ {2}2024-05-29 +02:00 to 23:58, 2 spans +Fridge +11 min +1 min /)
  })

  it.each<[string, Partial<CommandOptions & VerifyFlags>]>([
    ['before the log begins', { untilMs: fromMs - DAY_MS }],
    ['after the log ends', { sinceMs: UNTIL_MS }],
  ])('says of a span %s that nothing is there', async (_, options) => {
    const { printed } = await verify(options, { content: measured, more: [] })
    expect(printed.slice(1)).toEqual([
      '  its log has nothing there: it begins at 2024-05-29T00:00Z and ends at 2024-06-01T12:00Z',
    ])
  })

  it('tells programs the same as JSON', async () => {
    const { printed } = await verify({ json: true })
    expect(printed).toHaveLength(1)
    const [{ value }] = JSON.parse(printed[0]!)
    expect(value).toMatchObject({
      deviceName: 'garage',
      channels: [
        { location: 'Furnace', metric: 'power', missing: 1440, doubled: 0 },
        { location: 'Fridge', missing: 1440, doubled: 1 },
        { location: 'Dryer', missing: 1500 },
      ],
    })
    const hour = { finding: 'missing', fromMs: fromMs + 2 * HOUR_MS, untilMs: fromMs + 3 * HOUR_MS }
    expect(value.days[0]).toMatchObject({ day: '2024-05-29', location: 'Dryer', missing: 60, spans: [hour] })
  })

  it.each<[string, Partial<CommandOptions & VerifyFlags>, Setting, number]>([
    ['0 when all that was missing was filled', { repair: true }, { more: [] }, 0],
    ['0 too while something is duplicate, which it names', { repair: true }, {}, 0],
    ['0 for samples of an earlier program alone', {}, { content: measured, more: [late] }, 0],
    ['4 for a duplicate minute', {}, { content: measured }, 4],
    [
      '4 for a wrong value, where values are compared',
      { values: 'hours' },
      { content: changed(measured, (w) => w + 1), more: [] },
      4,
    ],
    ['0 for a wrong value, where they are not', {}, { content: changed(measured, (w) => w + 1), more: [] }, 0],
    ['0 outside of the gap', { sinceMs: fromMs + 2 * DAY_MS }, { more: [] }, 0],
    ['1 when the device does not answer', {}, { isOff: true }, 1],
    ['2 when nobody can be asked', { reloadSeries: true }, { content: measured }, 2],
    ['0 when the answer is yes', { reloadSeries: true }, { content: measured, answer: 'yes' }, 0],
    ['0 with --yes', { reloadSeries: true, yes: true }, { content: measured }, 0],
    ['0 where there is nothing to rewrite', { reloadSeries: true }, { content: measured, more: [] }, 0],
  ])('ends with %s', async (_, options, setting, code) => {
    expect((await verify(options, setting)).code).toBe(code)
  })

  it('asks before it deletes, reports what it rewrote and where the backup is', async () => {
    const { asked, said, printed, house } = await verify({ reloadSeries: true }, { content: measured, answer: 'yes' })
    expect(said).toEqual(['garage: to be rewritten: Fridge (1 min duplicate)'])
    expect(asked).toEqual(['Back these series up in data/backup, delete them from simulated store, and rewrite them?'])
    const count = measured.get('Fridge')!.size
    expect(printed).toContainEqual(
      `garage: Fridge was rewritten: ${count} samples where there were ${count + 1}, which are kept in data/backup/garage-Fridge-20240601T120035Z.ndjson.gz`,
    )
    expect(house.samplesOf('Fridge')).toEqual([...measured.get('Fridge')!])
  })

  it('says that nothing was deleted when the answer is no, and ends with 4', async () => {
    const { code, said } = await verify({ reloadSeries: true }, { content: measured, answer: 'no' })
    expect({ code, last: said.at(-1) }).toEqual({ code: 4, last: 'nothing was deleted or rewritten' })
  })

  it.each([
    ['closed since the last cycle are not missing', 3, 0],
    ['may be a little late', 10, 0],
    ['that no cycle has brought for longer than an interval are', 11, 4],
    ['of a dead tail are', 600, 4],
  ])('minutes %s', async (_, count, code) => {
    const content = new Map([...measured].map(([name, minutes]) => [name, new Map([...minutes].slice(0, -count))]))
    const { printed, ...verified } = await verify({}, { content, more: [] })
    expect(verified.code).toBe(code)
    expect(printed.join('\n')).toContain(code === 0 ? 'nothing is missing' : `missing ${3 * count}`)
  })

  it('minutes that are missing for one channel and that others have are missing, however few', async () => {
    const content = new Map(
      [...measured].map(([name, minutes]) => [name, new Map([...minutes].slice(0, name === 'Dryer' ? -2 : undefined))]),
    )
    const { code, printed } = await verify({}, { content, more: [] })
    expect([code, printed.join('\n')]).toEqual([4, expect.stringContaining('missing 2')])
  })
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, test } from 'vitest'
import * as z from 'zod'
import { COMMANDS } from '../../src/cli/commands.ts'
import { runDaemon } from '../../src/cli/daemon/run-daemon.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { DAY_MS, HOUR_MS } from '../../src/model/time-window.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { StoppedError } from '../../src/runtime/errors.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { openEmbedded } from '../../src/store/embedded/open-embedded.ts'
import { runInProcess } from '../cli-in-process.ts'
import type { CliResult } from '../cli-process.ts'
import { expectSections, table } from './generated-sections.ts'
import { JSON_OUTPUTS } from './json-schemas.ts'
import { type Neighbours, startNeighbours } from './mistakes.ts'
import { runInFolder } from './run-in-folder.ts'

let neighbours: Neighbours
let stateDir: string
beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'json-output-'))
  neighbours = await startNeighbours()
})
afterAll(async () => {
  await neighbours.close()
  await rm(stateDir, { recursive: true })
})

const TARIFF = 'currency: EUR\nhouse: { mains: [Dryer] }\ntariffs: [{ name: Flat, import: [{ price: 0.3 }] }]'

/** `Drier` is misspelt. Asking the device that does not answer takes some seconds. */
function configOf({ more = '', hasSilent = false } = {}): string {
  const { garage, nobody } = neighbours.urls
  const since = new Date(Date.now() - DAY_MS).toISOString().slice(0, 10)
  return `
stateDir: ${stateDir}
store: { type: embedded }
web: { listen: '127.0.0.1:0' }
${more}
devices:
  - { name: garage, url: '${garage}', since: ${since}, channels: [Dryer, Drier], labels: { site: north } }
${hasSilent ? `  - { name: attic, url: '${nobody}' }` : ''}
`
}

test('every command that reports to programs is in the document, as its schema says', async () => {
  const sections = Object.entries(JSON_OUTPUTS).map(([command, schema]) => {
    const rows = rowsOf(z.toJSONSchema(schema, { unrepresentable: 'any' }) as Shape, '')
    return `## \`${command}\`\n\n${table(['field', 'type', 'meaning'], rows)}`
  })
  const reporting = [...COMMANDS].filter(([, { flags }]) => flags.some(({ shape }) => 'json' in shape))
  expect(new Set(Object.keys(JSON_OUTPUTS).map((line) => line.split(' ')[0]))).toEqual(
    new Set(reporting.map(([name]) => name)),
  )
  await expectSections('docs/json-output.md', { schemas: sections.join('\n\n') })
})

it('what the commands print is as their schemas say', async () => {
  // Under the name that another program gave it.
  await runInFolder({ args: ['load', 'garage'], config: configOf({ more: 'metric: Power_Dryer\nlabels: []' }) })
  const lines = [
    'migrate --dry-run',
    'migrate',
    'load --dry-run',
    'load',
    'sync',
    'verify',
    'status',
    'channels',
    'check',
    'bill',
    'bill --compare',
  ]
  for (const line of lines) {
    const { stdout, stderr } = await runInFolder({
      args: [...line.split(' '), '--json'],
      config: configOf({ hasSilent: line === 'status', ...(line.startsWith('bill') && { more: TARIFF }) }),
    })
    const answer = readAnswer(line, { stdout, stderr })
    if (line === 'status')
      expect(answer).toMatchObject({
        devices: [{ value: { labels: { site: 'north' } } }, { failure: expect.any(String) }],
      })
    if (line === 'migrate') expect(answer).toMatchObject([{ value: { series: [{ location: 'Dryer' }] } }])
  }
})

it('what they print beside another process, and of series that were rewritten, is as their schemas say', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'json-output-'))
  const file = join(folder, 'iotawatt-sync.yaml')
  await writeFile(file, configOf({ more: TARIFF }).replace(stateDir, '.'), { mode: 0o600 })
  const run = async (line: string) => readAnswer(line, await runInProcess([...line.split(' '), '--json'], folder))
  const statusWith = (part: object) =>
    expect.poll(() => run('status'), { interval: 20 }).toMatchObject({ devices: [{ name: 'garage' }], ...part })

  await run('load')

  const meterFile = join(folder, 'meter.csv')
  const hours = [3, 2, 1].map(
    (hour) => `${new Date((Math.floor(Date.now() / HOUR_MS) - hour) * HOUR_MS).toISOString()},1`,
  )
  await writeFile(meterFile, `Start,kWh\n${hours.join('\n')}\n`)
  const against = await runInProcess(['bill', '--against', meterFile, '--json'], folder)
  expect(readAnswer('bill --against', against)).toMatchObject({ flows: [{ flow: 'import' }] })

  const store = await openEmbedded({ folder: join(folder, 'store') }, { clock: systemClock })
  const { signal } = new AbortController()
  const [dryer] = await store.listSeries(
    { metrics: ['power'], device: 'garage', window: { fromMs: 0, untilMs: Date.now() } },
    signal,
  )
  const { labels, positionMs } = dryer ?? expect.unreachable()
  await store.write([{ labels, timestampsMs: [positionMs - 55_000], values: [1] }], signal)
  await store.close()
  expect(await run('verify --reload-series --yes')).toMatchObject([{ value: { reloaded: [{ location: 'Dryer' }] } }])

  const loaded = await loadConfig({ env: {}, cwd: folder })
  const stop = new AbortController()
  const deps = { clock: systemClock, log: silentLog, random: Math.random }
  const daemon = runDaemon(loaded.config, deps, { signal: stop.signal, configPath: loaded.path })
  await statusWith({ daemon: { devices: [{ name: 'garage', state: 'ok' }] } })
  // The daemon has the embedded store open.
  expect(await run('bill')).toMatchObject({ currency: 'EUR' })
  stop.abort(new StoppedError('over'))
  await daemon
  await rm(folder, { recursive: true })
})

/** @throws where the answer is not as its schema says. */
function readAnswer(line: string, { stdout, stderr }: Pick<CliResult, 'stdout' | 'stderr'>): unknown {
  const schema = JSON_OUTPUTS[line] ?? JSON_OUTPUTS[line.split(' ')[0] ?? ''] ?? expect.unreachable()
  const answer: unknown = JSON.parse(stdout || expect.unreachable(`${line}: ${stderr}`))
  const read = schema.safeParse(answer)
  expect([line, read.error && z.prettifyError(read.error)]).toEqual([line, undefined])
  return answer
}

interface Shape {
  readonly type?: string
  readonly description?: string
  readonly enum?: readonly string[]
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly items?: Shape
  readonly anyOf?: readonly Shape[]
}

/** One row per field, by its path. */
function rowsOf(shape: Shape, path: string): (readonly string[])[] {
  if (shape.anyOf) return shape.anyOf.flatMap((each) => rowsOf(each, path))
  if (shape.items) return rowsOf(shape.items, `${path}[]`)
  return Object.entries(shape.properties ?? {}).flatMap(([name, field]) => {
    const own = path === '' ? name : `${path}.${name}`
    const optional = shape.required?.includes(name) === true ? '' : '; may be left out'
    return [[`\`${own}\``, `${typeOf(field)}${optional}`, field.description ?? ''], ...rowsOf(field, own)]
  })
}

function typeOf({ type, enum: words, items, anyOf }: Shape): string {
  if (words) return words.map((word) => `\`${word}\``).join(', ')
  if (anyOf) return anyOf.map(typeOf).join(' or ')
  return items ? `list of ${typeOf(items)}s` : (type ?? 'any')
}

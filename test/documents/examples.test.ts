import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommanderError } from 'commander'
import { describe, expect, it, test } from 'vitest'
import { parse } from 'yaml'
import { createRedaction } from '../../src/cli/explain-error.ts'
import { describeProgram, orderArguments } from '../../src/cli/program.ts'
import { fileSchema } from '../../src/config/file-schema.ts'
import { loadText } from '../test-config.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const documents = [
  ...readdirSync(ROOT).filter((path) => path.endsWith('.md') && path !== 'CHANGELOG.md'),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
].map((path) => ({ path, text: withoutOutput(readFileSync(join(ROOT, path), 'utf8')) }))

/** What the program prints is no command line. */
function withoutOutput(text: string): string {
  return text.replace(/<!-- typical mistakes:[^]*<!-- end of messages -->/, '')
}

const commandLines = documents.flatMap(({ path, text }) =>
  codeOf(text)
    .flatMap(commandsIn)
    .map((words) => ({ path, words })),
)
const ours = commandLines.filter(({ words: [program = ''] }) => /(^|\/)iotawatt-sync$/.test(program))
const scripts = commandLines.filter(({ words: [npm, run] }) => npm === 'npm' && run === 'run')

/** Lines of blocks that are not YAML, SQL or the like, and code within lines. */
function codeOf(text: string): string[] {
  const blocks = [...text.matchAll(/^ *```(\w*)\n([^]*?)^ *```/gm)].filter(([, language = '']) =>
    ['', 'sh', 'console'].includes(language),
  )
  const lines = blocks.flatMap(([, , code = '']) => code.replaceAll('\\\n', ' ').split('\n'))
  const inline = text.replaceAll(/^ *```[^]*?^ *```/gm, '').matchAll(/`([^`\n]+)`/g)
  return [...lines, ...[...inline].map(([, code = '']) => code)]
}

/** The commands of a line of a shell, word by word, without what only prepares or carries them. */
function commandsIn(line: string): string[][] {
  const code = line.replace(/^\$ /, '').replace(/\s+#.*$/, '')
  return code.split(/&&|;|\||>/).map((part) => {
    const words = [...part.matchAll(/'[^']*'|"[^"]*"|[^\s'"]+/g)].map(([word]) => word.replaceAll(/^['"]|['"]$/g, ''))
    const text = words.join('\0')
    return text.replace(/^([A-Z_]+=[^\0]*\0|sudo\0(-u\0[^\0]+\0)?|docker\0(compose\0)?exec\0[^\0]+\0)*/, '').split('\0')
  })
}

/** Of what stands for a value, any value. */
function fill(word: string): string {
  if (word.includes('…')) return ''
  return word
    .replaceAll(/[[\]]/g, '')
    .replace(/^(TIME)$/, '2024-05-31')
    .replace(/^N$/, '8280')
}

test('the command lines are found', () => {
  expect(ours.length).toBeGreaterThan(80)
  expect(scripts.length).toBeGreaterThan(10)
})

it('every command line of the documents is one that the program takes', async () => {
  const refused: string[] = []
  for (const { path, words } of ours) {
    const program = describeProgram(() => {}, createRedaction())
    for (const each of [program, ...program.commands])
      each.configureOutput({ writeErr: () => {}, writeOut: () => {} }).action(() => {})
    const args = orderArguments(words.slice(1).map(fill).filter(Boolean), program)
    try {
      // The name alone is the program, and no command line.
      if (args.length > 0) await program.parseAsync(args, { from: 'user' })
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error
      if (error.exitCode !== 0) refused.push(`${path}: ${words.join(' ')}: ${error.message}`)
    }
  }
  expect(refused).toEqual([])
})

test('every option that the documents name is one of a command', () => {
  const { commands } = describeProgram(() => {}, createRedaction())
  const known = commands.flatMap(({ options }) => options.map(({ long }) => long))
  const named = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/`(?:[a-z]+ )?(--[a-z-]+)[^`\n]*`/g)].map(([, option = '']) => ({ path, option })),
  )
  expect(named.length).toBeGreaterThan(60)
  expect(named.filter(({ option }) => ![...known, ...FOREIGN_OPTIONS].includes(option))).toEqual([])
})

/** Of the program itself, of the daemon's tests and benchmarks, and of npm. */
const FOREIGN_OPTIONS = ['--help', '--version', '--first-seed', '--rounds']

test('every npm script of the documents exists', () => {
  const known = Object.keys(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts)
  expect(scripts.filter(({ words: [, , name = ''] }) => !known.includes(name))).toEqual([])
})

/** What is configured by other programs. */
const FOREIGN = [
  'services',
  'automation',
  'rest',
  'binary_sensor',
  'iotawatt_sync_authorization',
  'scrape_configs',
  'apiVersion',
  'users',
]

const blocks = documents.flatMap(({ path, text }) =>
  [...text.matchAll(/^ *```yaml\n([^]*?)^ *```/gm)].map(([, yaml = '']) => ({ path, yaml })),
)
const configurations = blocks.filter(({ yaml }) => !FOREIGN.some((key) => new RegExp(`^(- )?${key}:`, 'm').test(yaml)))

describe('every configuration of the documents', () => {
  test('is found', () => expect(configurations.length).toBeGreaterThan(10))

  it.each(configurations)('$path: $yaml', async ({ yaml }) => {
    const value: unknown = parse(yaml)
    // A comment alone, a file of devices, or a part of a device.
    const part = Array.isArray(value) ? { deviceFiles: ['list.yaml'] } : typeof value === 'object' && value ? value : {}
    const device = { name: 'house', url: 'http://iotawatt.local' }
    const complete = 'channels' in part ? { devices: [{ ...device, ...part }] } : { devices: [device], ...part }
    expect(Object.keys(complete).filter((key) => !Object.keys(fileSchema.shape).includes(key))).toEqual([])
    const prices = 'time,price\n2026-01-01,0.1\n2026-01-02,0.2\n'
    const files = { 'web.token': 'x'.repeat(32), 'influxdb.token': 'x', 'iotawatt.password': 'x', 'prices.csv': prices }
    const lists = { 'list.yaml': yaml, 'devices.d/hall.yaml': '[]', 'iotawatts.json': '[]' }
    await loadText(JSON.stringify(complete), { files: { ...files, ...lists } })
  })
})

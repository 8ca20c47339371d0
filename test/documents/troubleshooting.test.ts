import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ExitCode, exitCodeOfSignal } from '../../src/cli/exit-codes.ts'
import { asPrinted, expectSections, table } from './generated-sections.ts'
import { type Neighbours, outputOf, startNeighbours, type Topic, topics } from './mistakes.ts'
import { type ToldHint, toldHints } from './told-hints.ts'

const DOCUMENT = 'docs/troubleshooting.md'

test('the typical mistakes and every message with advice stand in the document as the program prints them', async () => {
  await expectSections(DOCUMENT, { 'typical mistakes': await typicalMistakes(), messages: messages() })
}, 60_000)

test.each([...Object.values(ExitCode), ...(['SIGHUP', 'SIGINT', 'SIGTERM'] as const).map(exitCodeOfSignal)])(
  'exit code %i is explained',
  (code) => {
    expect(readFileSync(new URL(`../../${DOCUMENT}`, import.meta.url), 'utf8')).toMatch(
      new RegExp(`^\\| ${code} +\\|`, 'm'),
    )
  },
)

async function typicalMistakes(): Promise<string> {
  const neighbours = await startNeighbours()
  try {
    // Few at a time: what is slow is told from what is off by how long it takes.
    const parts = await Promise.all(topics(neighbours).map((topic) => describeTopic(topic, neighbours)))
    return parts.join('\n\n')
  } finally {
    await neighbours.close()
  }
}

async function describeTopic({ title, mistakes }: Topic, neighbours: Neighbours): Promise<string> {
  const rows: string[][] = []
  for (const mistake of mistakes) rows.push([mistake.is, asPrinted(await outputOf(mistake, neighbours))])
  expect(rows.filter(([, printed]) => printed === '``')).toEqual([])
  return `### ${title}\n\n${table(['mistake', 'what is printed'], rows)}`
}

/** By the folder of the source that prints them. */
const PARTS: readonly (readonly [title: string, folder: RegExp])[] = [
  ['About a device', /^iotawatt\//],
  ['About an SD card', /^card\//],
  ['About any store', /^store\/(http\/|check)/],
  ['About VictoriaMetrics', /^store\/victoriametrics\//],
  ['About InfluxDB', /^store\/influxdb\//],
  ['About the embedded store and Parquet', /^store\/embedded\//],
  ['About copying', /^sync\//],
  [
    'About commands, the daemon and this machine',
    /^(cli|runtime|web|daemon|config|house|api|labels|model|simulator)\//,
  ],
]

function messages(): string {
  const told = toldHints()
  expect(told.length).toBeGreaterThan(100)
  const sorted = PARTS.map(([title, folder]) => ({ title, hints: told.filter(({ file }) => folder.test(file)) }))
  expect(sorted.flatMap(({ hints }) => hints).length).toBe(told.length)
  return sorted
    .flatMap(({ title, hints }) => [`### ${title}`, table(['message', 'advice'], rowsOf(hints))])
    .join('\n\n')
}

/** Each piece of advice once, with the messages that it follows; a message that is all variable is not shown. */
function rowsOf(hints: readonly ToldHint[]): (readonly string[])[] {
  return [...new Set(hints.map(({ hint }) => hint))].map((hint) => {
    const told = hints.filter((each) => each.hint === hint)
    const shown = told.flatMap(({ message = '' }) => {
      const text = message.replace(/^(…+s?:? ?)+|(: …)+$/g, '')
      return /\p{L}{3}/u.test(text) ? [text] : []
    })
    const [first, ...others] = [...new Set(shown)].toSorted((a, b) => a.length - b.length)
    const forms = first === undefined ? [] : [first, ...others.filter((other) => !other.includes(first))]
    return [forms.map(asPrinted).join('<br>') || '…', asPrinted(hint)]
  })
}

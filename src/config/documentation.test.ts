import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { loadText } from '../../test/test-config.ts'
import { DEFAULT_LABEL_RULES } from '../labels/default-rules.ts'
import { configJsonSchema, withKeyTables } from './documentation.ts'

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')
const text = await read('docs/configuration.md')

test('the tables of keys in docs/configuration.md are those of the code: npm run schema writes them', () =>
  expect(text).toBe(withKeyTables(text)))

test('the JSON Schema in the project is that of the code: npm run schema writes it', async () =>
  expect(JSON.parse(await read('schema/iotawatt-sync.schema.json'))).toEqual(configJsonSchema()))

test('the rules that the documentation shows are those that apply', async () => {
  const rules = /```yaml\n(labels:\n[^`]+)```/.exec(text)?.[1] ?? ''
  const { config } = await loadText(`devices: [{ name: a, url: http://a }]\n${rules}`)
  expect(config.rules).toEqual(DEFAULT_LABEL_RULES)
})

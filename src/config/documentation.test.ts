import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { loadText } from '../../test/test-config.ts'
import { DEFAULT_LABEL_RULES } from '../labels/default-rules.ts'
import { variableName } from './environment.ts'
import { formatKeyPath } from './key-path.ts'
import { UNIT_METRICS } from './resolve-channel.ts'
import { listDeviceSettings, listSettings } from './settings.ts'

const text = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8')

test.each(listSettings().map(({ path }) => [formatKeyPath(path), variableName(path)]))(
  'the documentation has %s and %s',
  (key, variable) => expect(text).toMatch(new RegExp(`^\\| \`${key}\` .*\`${variable}\``, 'm')),
)

test.each(
  listDeviceSettings(0).map(({ path }) => [String(path.at(-1)), variableName(['devices', 'iwatt5', ...path.slice(2)])]),
)('the documentation has %s of a device and %s', (key, variable) =>
  expect(text).toMatch(new RegExp(`^\\| \`${key}\` .*\`${variable}\``, 'm')),
)

test('the documentation has the metric of each unit', () => {
  expect(text).toContain(
    Object.values(UNIT_METRICS)
      .map((metric) => `\`${metric}\``)
      .join(', '),
  )
})

test('the rules that the documentation shows are those that apply', async () => {
  const rules = /```yaml\n(labels:\n[^`]+)```/.exec(text)?.[1] ?? ''
  const { config } = await loadText(`devices: [{ name: a, url: http://a }]\n${rules}`)
  expect(config.rules).toEqual(DEFAULT_LABEL_RULES)
})

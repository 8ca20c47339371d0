import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { configJsonSchema } from './json-schema.ts'

test('the JSON Schema in the project is that of the code: npm run schema writes it', async () => {
  const file = new URL('../../schema/iotawatt-sync.schema.json', import.meta.url)
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(configJsonSchema())
})

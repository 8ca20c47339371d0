import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { answerShapes } from './answer-shapes.ts'
import { openApiDocument } from './openapi.ts'

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')

test('docs/openapi.yaml is that of the schemas: npm run openapi writes it', async () => {
  expect(parse(await read('docs/openapi.yaml'))).toEqual(openApiDocument())
})

test('what the page checks answers with is that of the schemas: npm run openapi writes it', async () => {
  expect(JSON.parse(await read('src/dashboard/api/answer-shapes.json'))).toEqual(answerShapes())
})

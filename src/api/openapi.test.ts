import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import examples from './examples.json'
import { answerShapes, openApiDocument } from './openapi.ts'

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')
const document = parse(await read('docs/openapi.yaml'))

test('docs/openapi.yaml is that of the schemas: npm run openapi writes it', () => {
  expect(document).toEqual(openApiDocument())
})

test('what the page checks answers with is that of the schemas: npm run openapi writes it', async () => {
  expect(JSON.parse(await read('src/dashboard/api/answer-shapes.json'))).toEqual(answerShapes())
})

test('each example is one of a schema', () => {
  expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(Object.keys(examples)))
})

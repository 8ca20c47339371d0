// npm run openapi: writes docs/openapi.yaml, and what the page checks answers with, from the schemas of src/api.
import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { format } from 'prettier'
import { Document, isPair, isScalar, visit } from 'yaml'
import { bundle } from './bundle.mjs'

const root = new URL('..', import.meta.url)
const { answerShapes, openApiDocument } = await import(pathToFileURL(await bundle('src/api/openapi.ts', 'openapi')))

await write('docs/openapi.yaml', toYaml(openApiDocument()), 'yaml')
await write('src/dashboard/api/answer-shapes.json', JSON.stringify(answerShapes()), 'json')

/** What holds only short values stands on one line. */
function toYaml(value) {
  // Readers of YAML 1.1 take what looks like a date for one.
  const document = new Document(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1' })
  const isShort = (value) => isScalar(value) && String(value.value).length <= 80
  visit(document, {
    Collection: (_, node) => void (node.flow = node.items.every((item) => isShort(isPair(item) ? item.value : item))),
  })
  return document.toString({ lineWidth: 0 })
}

async function write(path, text, parser) {
  await writeFile(new URL(path, root), await format(text, { parser, printWidth: 120, singleQuote: true }))
  console.log(`wrote ${path}`)
}

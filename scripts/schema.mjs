// Writes, from the schema that the program checks with, schema/iotawatt-sync.schema.json and the tables of docs/configuration.md.
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { format } from 'prettier'

const root = new URL('..', import.meta.url)
const [schema, documentation] = ['schema/iotawatt-sync.schema.json', 'docs/configuration.md']

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('src/config/documentation.ts', root))],
  bundle: true,
  platform: 'node',
  format: 'esm',
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(process.cwd() + '/');" },
  write: false,
})
const code = `data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`
const { configJsonSchema, withKeyTables } = await import(code)
await writeFile(
  new URL(schema, root),
  await format(JSON.stringify(configJsonSchema()), { parser: 'json', printWidth: 120 }),
)
const text = await readFile(new URL(documentation, root), 'utf8')
await writeFile(new URL(documentation, root), withKeyTables(text))
console.log(`wrote ${schema} and the tables of ${documentation}`)

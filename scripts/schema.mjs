// Writes schema/iotawatt-sync.schema.json from the schema that the program checks with.
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { format } from 'prettier'

const root = new URL('..', import.meta.url)
const target = new URL('schema/iotawatt-sync.schema.json', root)

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('src/config/json-schema.ts', root))],
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
})
const code = `data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`
const { configJsonSchema } = await import(code)
await writeFile(target, await format(JSON.stringify(configJsonSchema()), { parser: 'json', printWidth: 120 }))
console.log('wrote schema/iotawatt-sync.schema.json')

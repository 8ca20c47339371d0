// npm run grafana: writes deploy/grafana/dashboards from grafana/*.ts.
import { mkdir, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { format } from 'prettier'
import { bundle } from './bundle.mjs'

const folder = new URL('../deploy/grafana/dashboards/', import.meta.url)

const { dashboards } = await import(pathToFileURL(await bundle('grafana/dashboards.ts', 'grafana')))
await mkdir(folder, { recursive: true })
for (const [name, dashboard] of Object.entries(dashboards))
  await writeFile(
    new URL(`${name}.json`, folder),
    await format(JSON.stringify(dashboard), { parser: 'json', printWidth: 120 }),
  )
console.log(`wrote ${Object.keys(dashboards).length} dashboards into deploy/grafana/dashboards`)

import type { Context, Hono } from 'hono'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** The page as it was built: small enough to be kept in memory. */
export interface Dashboard {
  readonly page: Asset
  readonly assets: ReadonlyMap<string, Asset>
}

interface Asset {
  readonly type: string
  readonly plain: Uint8Array<ArrayBuffer>
  readonly gzipped: Uint8Array<ArrayBuffer>
}

const VIEWS = ['/', '/now', '/power', '/energy', '/coverage', '/devices']
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}
/** The name of an asset changes with what it holds. */
const FOR_EVER = 'private, max-age=31536000, immutable'

/** @throws Error when nothing is built there. */
export async function readDashboard(folder: string): Promise<Dashboard> {
  const names = await readdir(join(folder, 'assets'))
  const assets = await Promise.all(
    names.map(async (name): Promise<[string, Asset]> => [name, await readAsset(join(folder, 'assets', name))]),
  )
  return { page: await readAsset(join(folder, 'index.html')), assets: new Map(assets) }
}

async function readAsset(path: string): Promise<Asset> {
  const plain = new Uint8Array(await readFile(path))
  const gzipped = new Uint8Array(gzipSync(plain, { level: 9 }))
  return { type: TYPES[extname(path)] ?? 'application/octet-stream', plain, gzipped }
}

/** Every view is the same page, which reads its own address. */
export function addDashboard(app: Hono, { page, assets }: Dashboard): void {
  for (const view of VIEWS) app.get(view, (context) => answer(context, page, 'no-cache'))
  app.get('/assets/:name', (context) => {
    const asset = assets.get(context.req.param('name'))
    return asset ? answer(context, asset, FOR_EVER) : context.notFound()
  })
}

function answer(context: Context, { type, plain, gzipped }: Asset, caching: string): Response {
  context.header('Content-Type', type)
  context.header('Cache-Control', caching)
  context.header('Vary', 'Accept-Encoding')
  if (!/\bgzip\b/.test(context.req.header('accept-encoding') ?? '')) return context.body(plain)
  context.header('Content-Encoding', 'gzip')
  return context.body(gzipped)
}

import type { Context, Hono } from 'hono'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { ALL_VIEWS, firstQuestions, type View } from '../api/view-questions.ts'
import { PREFIX_HEADERS } from './root-path.ts'

/** The page as it was built: small enough to be kept in memory. */
export interface Dashboard {
  readonly page: string
  /** Beside the page, by their own names: what a browser installs it by, and opens it with where there is no network. */
  readonly files: ReadonlyMap<string, Asset>
  readonly assets: ReadonlyMap<string, Asset>
}

interface Asset {
  readonly type: string
  readonly plain: Uint8Array<ArrayBuffer>
  readonly gzipped: Uint8Array<ArrayBuffer>
}

export interface DashboardOptions {
  /** Whether people log in, and so can log out. */
  readonly hasLogin?: boolean
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
}
/** The name of an asset changes with what it holds. */
const FOR_EVER = 'private, max-age=31536000, immutable'

/** @throws Error when nothing is built there. */
export async function readDashboard(folder: string): Promise<Dashboard> {
  const page = await readFile(join(folder, 'index.html'), 'utf8')
  return { page, files: await readAssets(folder), assets: await readAssets(join(folder, 'assets')) }
}

async function readAssets(folder: string): Promise<ReadonlyMap<string, Asset>> {
  const names = (await readdir(folder)).filter((name) => extname(name) in TYPES && name !== 'index.html')
  const assets = names.map(async (name): Promise<[string, Asset]> => [
    name,
    asAsset(extname(name), await readFile(join(folder, name))),
  ])
  return new Map(await Promise.all(assets))
}

function asAsset(extension: string, content: Uint8Array | string): Asset {
  const plain = new Uint8Array(typeof content === 'string' ? Buffer.from(content) : content)
  const gzipped = new Uint8Array(gzipSync(plain, { level: 9 }))
  return { type: TYPES[extension] ?? 'application/octet-stream', plain, gzipped }
}

/** Every view is the same page, which reads its own address; its assets lie beside it, whatever a proxy calls the folder. */
export function addDashboard(
  app: Hono,
  { page, files, assets }: Dashboard,
  { hasLogin = false }: DashboardOptions = {},
): void {
  const known = hasLogin ? page.replace('<html', '<html data-login') : page
  const show = (view: View) => (context: Context) => {
    const root = context.get('proxyRoot')
    const asking = askingAtOnce(known, firstQuestions({ view, query: new URL(context.req.url).searchParams }))
    return answer(context, asAsset('.html', root === undefined ? asking : pageBelow(asking, root)), 'no-cache')
  }
  app.get('/', show('now'))
  for (const view of ALL_VIEWS) app.get(`/${view}`, show(view))
  for (const view of ALL_VIEWS)
    app.get(`/${view}/`, (context) => context.redirect(`../${view}${new URL(context.req.url).search}`, 301))
  for (const [name, file] of files) app.get(`/${name}`, (context) => answer(context, file, 'no-cache'))
  app.get('/assets/:name', (context) => {
    const asset = assets.get(context.req.param('name'))
    return asset ? answer(context, asset, FOR_EVER) : context.notFound()
  })
}

/** The browser asks while it still loads the script, so that the answers are there when the script is. */
function askingAtOnce(page: string, questions: readonly string[]): string {
  const links = questions.map(
    (path) => `<link rel="preload" as="fetch" crossorigin href=".${path.replaceAll('&', '&amp;')}" />\n  `,
  )
  return page.replace('</head>', `${links.join('')}</head>`)
}

/** Where a proxy names its path, that counts: it may be asked without the slash at its end. */
function pageBelow(page: string, root: string): string {
  return page.replace('<html', `<html data-root="${root}"`).replaceAll('"./', `"${root}`)
}

function answer(context: Context, { type, plain, gzipped }: Asset, caching: string): Response {
  context.header('Content-Type', type)
  context.header('Cache-Control', caching)
  context.header('Vary', ['Accept-Encoding', ...PREFIX_HEADERS].join(', '))
  if (!/\bgzip\b/.test(context.req.header('accept-encoding') ?? '')) return context.body(plain)
  context.header('Content-Encoding', 'gzip')
  return context.body(gzipped)
}

// Bundles the page into dist/dashboard: index.html, and assets whose names change with what they hold.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const TARGET = ['chrome123', 'firefox120', 'safari17.5']

/** `kilobytes`: what a browser fetches for the first paint, compressed. */
export async function buildDashboard(root) {
  const outdir = `${root}dist/dashboard`
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/dashboard/main.tsx'],
    outdir: `${outdir}/assets`,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: TARGET,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'eof',
    write: false,
    metafile: true,
    logLevel: 'warning',
  })
  const template = await readFile(`${root}src/dashboard/index.html`, 'utf8')
  const named = outputFiles.reduce((html, { path }) => {
    const name = basename(path)
    return html.replace(`./assets/${name.replace(/-[A-Z0-9]+\./, '.')}`, `./assets/${name}`)
  }, template)
  const shared = sharedBy('src/dashboard/main.tsx', metafile)
  const links = shared.map((name) => `<link rel="modulepreload" href="./assets/${name}" />\n  `)
  const page = named.replace('</head>', `${links.join('')}</head>`)
  await mkdir(`${outdir}/assets`, { recursive: true })
  await Promise.all(outputFiles.map(({ path, contents }) => writeFile(path, contents)))
  await writeFile(`${outdir}/index.html`, page)
  await buildOffline(root, outdir)
  const first = outputFiles.filter(({ path }) => page.includes(basename(path)))
  const bytes = [Buffer.from(page), ...first.map(({ contents }) => contents)]
  const size = bytes.reduce((sum, content) => sum + gzipSync(content).length, 0)
  return { kilobytes: Math.round(size / 1024), metafile }
}

/** What the script needs at once, beside itself: else a browser would find it only when it has read the script. */
function sharedBy(entry, { outputs }) {
  const [, { imports }] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === entry)
  return imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => basename(path))
}

/** What is asked by its own name, beside the page: a browser installs it, and opens it without the network. */
async function buildOffline(root, outdir) {
  const folder = `${root}src/dashboard/offline`
  for (const name of ['manifest.webmanifest', 'icon.svg', 'icon-192.png', 'icon-512.png'])
    await cp(`${folder}/${name}`, `${outdir}/${name}`)
  await build({
    entryPoints: [`${folder}/service-worker.ts`],
    outfile: `${outdir}/service-worker.js`,
    bundle: true,
    minify: true,
    target: TARGET,
    logLevel: 'warning',
  })
}

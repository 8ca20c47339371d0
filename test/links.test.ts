import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const documents = [
  ...readdirSync(ROOT),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => join('docs', path)),
].filter((path) => path.endsWith('.md'))

test.each(documents)('every link of %s leads to a file, and to a heading that it has', (document) => {
  const text = withoutCode(readFileSync(join(ROOT, document), 'utf8'))
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  const local = targets.filter((target) => !/^[a-z]+:/.test(target))
  expect(local.filter((target) => !leadsSomewhere(document, target))).toEqual([])
})

test('every document that the program, its scripts or its workflows name is there', () => {
  const named = ['src', 'scripts', 'deploy', 'examples', '.github'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(tsx?|mjs|ya?ml|service)$/.test(path))
      .flatMap((path) => readFileSync(join(ROOT, folder, path), 'utf8').match(/\bdocs\/[\w/-]+\.(md|yaml)/g) ?? []),
  )
  expect(named.length).toBeGreaterThan(5)
  expect([...new Set(named)].filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
})

test('the documents are found', () => {
  expect(documents).toContain('ARCHITECTURE.md')
  expect(documents).toContain(join('docs', 'decisions', 'README.md'))
})

test('the picture of the modules has every arrow that the linter allows, and no other', () => {
  const rules: { name: string }[] = createRequire(import.meta.url)('../.dependency-cruiser.cjs').forbidden
  const allowed = rules.flatMap(({ name }) => {
    const [, from, to = 'itself'] = /^(\w+)-imports-only-(.+)$/.exec(name) ?? []
    return to === 'itself' ? [] : to.split('-').map((each) => `${from} --> ${each.replace(/\/.*/, '')}`)
  })
  const picture = readFileSync(join(ROOT, 'docs/contributing/modules.md'), 'utf8')
  expect([...picture.matchAll(/^ {2}(\w+ --> \w+)$/gm)].map(([, arrow]) => arrow)).toEqual(allowed.toSorted())
  expect(allowed.length).toBeGreaterThan(30)
})

function leadsSomewhere(document: string, target: string): boolean {
  const [path = '', heading] = target.split('#')
  const file = path === '' ? join(ROOT, document) : join(ROOT, dirname(document), path)
  if (relative(ROOT, file).startsWith('..') || !existsSync(file)) return false
  return heading === undefined || (statSync(file).isFile() && headingsOf(file).includes(heading))
}

/** As GitHub names them. */
function headingsOf(file: string): string[] {
  const headings = [...withoutCode(readFileSync(file, 'utf8')).matchAll(/^#+ (.+)$/gm)]
  return headings.map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  )
}

function withoutCode(text: string): string {
  return text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '').replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(']', ''))
}

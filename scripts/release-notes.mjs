// node scripts/release-notes.mjs v1.2.3: prints what CHANGELOG.md says of a version.
import { readFile } from 'node:fs/promises'

const version = process.argv[2]?.replace(/^v/, '')
const changelog = await readFile(new URL('../CHANGELOG.md', import.meta.url), 'utf8')
const section = changelog.split(/^## /m).find((text) => text.split(/\s/, 1)[0] === version)
if (section === undefined) {
  console.error(`CHANGELOG.md has no section "## ${version ?? 'VERSION'}"`)
  process.exit(1)
}
console.log(section.slice(section.indexOf('\n')).trim())

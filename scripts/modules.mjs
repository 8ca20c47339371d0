// npm run modules: draws which folders of src import which into docs/contributing/modules.md, as dependency-cruiser sees them.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const root = new URL('..', import.meta.url)
const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'mermaid', '--include-only', '^src']
const filters = ['--exclude', '\\.test\\.|/fixtures/', '--collapse', '^src/[^/]+', 'src']
const { stdout } = await promisify(execFile)('npx', ['depcruise', ...args, ...filters], { cwd: root })

const names = new Map([...stdout.matchAll(/^(\w+)\["(\w+)"\]$/gm)].map(([, id, name]) => [id, name]))
const arrows = [...stdout.matchAll(/^(\w+)-->(\w+)$/gm)].map(
  ([, from, to]) => `  ${names.get(from)} --> ${names.get(to)}`,
)
await writeFile(
  new URL('docs/contributing/modules.md', root),
  `# The modules as they are

Which folders of \`src\` import which, drawn by \`npm run modules\` from what dependency-cruiser finds. What they are for: [ARCHITECTURE.md](../../ARCHITECTURE.md#modules).

\`\`\`mermaid
flowchart LR
${arrows.toSorted().join('\n')}
\`\`\`
`,
)
console.log('wrote docs/contributing/modules.md')

// Builds what `npm pack` packs: a package without dist/ would install without a word, and not run.
import { ensureInstalled, run } from './prepare.mjs'

// A dry run of npm pack would make one of npm ci, too.
delete process.env['npm_config_dry_run']
// Who asks npm for JSON reads it from standard output.
console.log = console.error

try {
  await ensureInstalled()
  const code = await run('node', { args: ['scripts/build.mjs'], quiet: true })
  if (code !== 0) throw new Error('nothing was packed, as the build did not succeed: see the lines above')
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}

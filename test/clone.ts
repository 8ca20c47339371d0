import { cp, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** What a fresh clone does not have. */
const NOT_CLONED = /^(?:\.git|node_modules|dist|coverage|\.cache|demo-data)$/

/** The files of a clone whose packages are installed: those of this one. What is built there disturbs nobody. */
export async function clone(folder: string): Promise<string> {
  await cp(ROOT, folder, {
    recursive: true,
    filter: (path) => dirname(path) !== ROOT.replace(/\/$/, '') || !NOT_CLONED.test(basename(path)),
  })
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

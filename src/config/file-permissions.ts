import { stat } from 'node:fs/promises'
import { readLoosely, secretsIn } from './loose-file.ts'

export interface RightsOptions {
  /** The configuration file. */
  readonly path: string
  /** What stands in it. */
  readonly tree: unknown
  /** The files of secrets that it names. */
  readonly secretFiles: readonly string[]
  readonly stateDir: string
}

const [OTHERS_READ, OTHERS_WRITE] = [0o004, 0o002]
/** Where runtimes of containers put secrets, readable for every user of the container. */
const MOUNTED = /^\/(var\/)?run\/secrets\//

/** Warnings about files that every user of the machine may read or write, and should not. */
export async function rightsWarnings({ path, tree, secretFiles, stateDir }: RightsOptions): Promise<string[]> {
  const warnings: string[] = []
  if (secretsIn(readLoosely(tree)).length > 0 && (await isOpen(path, OTHERS_READ)))
    warnings.push(`${path} holds secrets and every user may read it: chmod 640, or passwordFile and tokenFile.`)
  if (await isOpen(path, OTHERS_WRITE))
    warnings.push(`${path} may be changed by every user, who so learns its secrets: chmod o-w.`)
  for (const file of secretFiles)
    if (!MOUNTED.test(file) && (await isOpen(file, OTHERS_READ)))
      warnings.push(`${file} holds a secret and every user may read it: chmod 640.`)
  if (await isOpen(stateDir, OTHERS_WRITE))
    warnings.push(`stateDir ${stateDir} may be changed by every user: chmod 700.`)
  return warnings
}

/** What is not there is open to nobody. */
async function isOpen(path: string, right: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && (found.mode & right) !== 0
}

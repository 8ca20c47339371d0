import { stat } from 'node:fs/promises'
import { readLoosely } from './loose-file.ts'

/** A warning when the file itself holds secrets and every user of the machine may read it. */
export async function exposedSecretsWarning(path: string, tree: unknown): Promise<string[]> {
  const { store, devices = [] } = readLoosely(tree)
  const secrets = [store?.password, store?.token, store?.headers, ...devices.map((device) => device.password)]
  if (secrets.every((value) => value === undefined)) return []
  const { mode } = await stat(path)
  return mode & 0o004
    ? [`${path} holds secrets and every user may read it: chmod 640, or passwordFile and tokenFile.`]
    : []
}

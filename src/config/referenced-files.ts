import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { formatKeyPath, type KeyPath } from './key-path.ts'
import type { LooseFile } from './loose-file.ts'
import { TOKEN, TOKEN_WORDS } from './setting-kinds.ts'
import type { KeyProblem } from './schema-problems.ts'

export interface ReferencedFiles {
  readonly problems: readonly KeyProblem[]
  /** What the file named at this place holds. */
  textAt(path: KeyPath): string | undefined
}

/** Reads the files of secrets and certificates that a configuration names. */
export async function readReferencedFiles(file: LooseFile, folder: string): Promise<ReferencedFiles> {
  const problems: KeyProblem[] = []
  const texts = new Map<string, string>()
  for (const { path, name } of referencesIn(file)) {
    const { text, problem } = await readReference(resolve(folder, name), path.at(-1))
    if (problem !== undefined) problems.push({ path, message: problem })
    else texts.set(formatKeyPath(path), text)
  }
  return { problems, textAt: (path) => texts.get(formatKeyPath(path)) }
}

interface Reference {
  readonly path: KeyPath
  readonly name: string
}

function referencesIn({ store, devices }: LooseFile): Reference[] {
  const references = [
    { path: ['store', 'passwordFile'], name: store?.passwordFile },
    { path: ['store', 'tokenFile'], name: store?.tokenFile },
    { path: ['store', 'caFile'], name: store?.caFile },
    ...(devices ?? []).map(({ passwordFile }, index) => ({
      path: ['devices', index, 'passwordFile'],
      name: passwordFile,
    })),
  ]
  return references.flatMap(({ path, name }) => (name === undefined || name === '' ? [] : [{ path, name }]))
}

type ReadReference =
  { readonly text: string; readonly problem?: undefined } | { readonly text?: undefined; readonly problem: string }

async function readReference(file: string, key: KeyPath[number] | undefined): Promise<ReadReference> {
  const content = await readFile(file, 'utf8').catch((error: unknown) =>
    error instanceof Error ? error : new Error(String(error)),
  )
  if (typeof content !== 'string')
    return { problem: `found a path that cannot be read (${content.message}); expected a file that this user may read` }
  if (key === 'caFile')
    return content.includes('-----BEGIN CERTIFICATE-----')
      ? { text: content }
      : { problem: `found no certificate in ${file}; expected PEM, with BEGIN CERTIFICATE` }
  const text = content.replace(/^\ufeff/, '').replace(/\r?\n$/, '')
  if (text === '') return { problem: `found nothing in ${file}; expected the secret alone` }
  if (/[\r\n]/.test(text)) return { problem: `found several lines in ${file}; expected the secret alone` }
  return key !== 'tokenFile' || TOKEN.test(text)
    ? { text }
    : { problem: `found in ${file} what is no token; expected ${TOKEN_WORDS}` }
}

import { open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { formatKeyPath, type KeyPath } from './key-path.ts'
import type { KeyProblem } from './schema-problems.ts'
import { problemOfText, referencesIn, rivalOf } from './settings.ts'

export interface ReferencedFiles {
  readonly problems: readonly KeyProblem[]
  /** Absolute; those that hold a secret. */
  readonly secretFiles: readonly string[]
  /** What the file named at this place holds. */
  textAt(path: KeyPath): string | undefined
}

/** Reads the files of secrets and certificates that a configuration names. */
export async function readReferencedFiles(tree: unknown, folder: string): Promise<ReferencedFiles> {
  const problems: KeyProblem[] = []
  const texts = new Map<string, string>()
  const references = referencesIn(tree)
  for (const { path, name } of references) {
    const { text, problem } = await readReference(resolve(folder, name), path)
    if (problem !== undefined) problems.push({ path, message: problem })
    else texts.set(formatKeyPath(path), text)
  }
  const secretFiles = references.filter(({ path }) => path.at(-1) !== 'caFile').map(({ name }) => resolve(folder, name))
  return { problems, secretFiles: [...new Set(secretFiles)], textAt: (path) => texts.get(formatKeyPath(path)) }
}

type ReadReference =
  { readonly text: string; readonly problem?: undefined } | { readonly text?: undefined; readonly problem: string }

/** All authorities that a system trusts have a few hundred kB. */
const MAX_REFERENCE_BYTES = 1024 * 1024

async function readReference(file: string, path: KeyPath): Promise<ReadReference> {
  const bytes = await readUpTo(file, MAX_REFERENCE_BYTES).catch((error: unknown) =>
    error instanceof Error ? error : new Error(String(error)),
  )
  if (bytes instanceof NoPlainFileError) return { problem: `found ${bytes.message}; expected a plain file` }
  if (bytes instanceof Error && 'code' in bytes && bytes.code === 'EACCES')
    return { problem: await describeForbidden(file) }
  if (bytes instanceof Error)
    return { problem: `found a path that cannot be read (${bytes.message}); expected a file that this user may read` }
  const content = bytes.toString('utf8')
  if (path.at(-1) === 'caFile')
    return content.includes('-----BEGIN CERTIFICATE-----')
      ? { text: content }
      : { problem: `found no certificate in ${file}; expected PEM, with BEGIN CERTIFICATE` }
  const text = content.replace(/^\ufeff/, '').replace(/\r?\n$/, '')
  if (text === '') return { problem: `found nothing in ${file}; expected the secret alone` }
  if (/[\r\n]/.test(text)) return { problem: `found several lines in ${file}; expected the secret alone` }
  const rival = rivalOf(path)
  const expected = rival && problemOfText(rival, text)
  return expected === undefined ? { text } : { problem: `found in ${file} what is no token; expected ${expected}` }
}

async function describeForbidden(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined)
  const expected = 'expected one that it may read: chgrp and chmod 640, or run the command as its owner'
  if (!found) return `found a file in a folder that this user may not enter; ${expected}`
  const owner = found.uid === 0 ? 'root' : `user number ${found.uid}`
  const permissions = (found.mode & 0o777).toString(8).padStart(3, '0')
  return `found a file that this user may not read: it belongs to ${owner}, permissions ${permissions}; ${expected}`
}

/** A file that is longer than it may be. */
export class TooLongError extends Error {}

/** Something else than a file; the message is what. */
export class NoPlainFileError extends Error {}

/** What a shell hands over open (`<(…)`, `|`), and nothing at all. */
const PASSED_ON = /^\/dev\/(stdin|fd\/\d+|null)$|^\/proc\/self\/fd\/\d+$/

/** The bytes of a file, never more of it than it may have: it may grow, or have no end. */
export async function readUpTo(path: string, maxBytes: number): Promise<Buffer> {
  if (!PASSED_ON.test(path)) await refuseOthersThanFiles(path)
  const file = await open(path, 'r')
  try {
    const parts: Buffer[] = []
    for (let left = maxBytes + 1; left > 0;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(left, 64 * 1024)))
      if (bytesRead === 0) return Buffer.concat(parts)
      parts.push(buffer.subarray(0, bytesRead))
      left -= bytesRead
    }
    throw new TooLongError(`it is longer than ${maxBytes / 1024} kB`)
  } finally {
    await file.close()
  }
}

/** To open a named pipe waits for a writer, for ever where none comes. */
async function refuseOthersThanFiles(path: string): Promise<void> {
  const found = await stat(path)
  if (found.isFile()) return
  if (found.isDirectory()) throw new NoPlainFileError('a folder')
  if (found.isFIFO()) throw new NoPlainFileError('a named pipe')
  throw new NoPlainFileError(found.isSocket() ? 'a socket' : 'a device')
}

import { rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { Environment } from '../../config/environment.ts'
import { loadConfig } from '../../config/load-config.ts'
import { UsageError } from '../exit-codes.ts'
import { configText } from './config-text.ts'
import type { Login, Setup } from './setup.ts'

export interface WriteOptions {
  /** Absolute; nothing is there yet. */
  readonly file: string
  /** The JSON Schema of the configuration. */
  readonly schemaFile: string
  readonly env: Environment
}

/** Writes the file, and one for each secret beside it, and loads it; leaves nothing where that fails. */
export async function writeConfig(setup: Setup, { file, schemaFile, env }: WriteOptions): Promise<readonly string[]> {
  const folder = dirname(file)
  const written: string[] = []
  try {
    const secretFiles = new Map<Login, string>()
    for (const [name, login] of secretsOf(setup)) {
      const path = await writeSecret(folder, { name, text: login.secret.reveal() })
      written.push(path)
      secretFiles.set(login, relative(folder, path))
    }
    const schemaPath = relative(folder, schemaFile).replaceAll('\\', '/')
    await writeNew(file, configText(setup, { schemaPath: /\s/.test(schemaPath) ? undefined : schemaPath, secretFiles }))
    written.push(file)
    await loadConfig({ path: file, env, cwd: folder })
    return written
  } catch (error) {
    for (const path of written) await rm(path, { force: true })
    throw error
  }
}

type WrittenLogin = Exclude<Login, { readonly kind: 'environment' }>

function secretsOf({ devices, store }: Setup): [name: string, login: WrittenLogin][] {
  const logins = [
    ...devices.map(({ name, login }) => [name, login] as const),
    ['store', store.type === 'embedded' ? undefined : store.login] as const,
  ]
  return logins.flatMap(([name, login]): [string, WrittenLogin][] =>
    login === undefined || login.kind === 'environment' ? [] : [[`${fileName(name)}.${login.kind}`, login]],
  )
}

function fileName(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return plain === '' ? 'device' : plain.slice(0, 60)
}

/** Beside what is there: a secret that something else uses is not overwritten. */
async function writeSecret(folder: string, { name, text }: { name: string; text: string }): Promise<string> {
  for (let count = 1; ; count++) {
    const path = join(folder, count === 1 ? name : name.replace('.', `-${count}.`))
    try {
      await writeFile(path, `${text}\n`, { flag: 'wx', mode: 0o600 })
      return path
    } catch (error) {
      if (!isThere(error)) throw error
    }
  }
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' })
  } catch (error) {
    if (!isThere(error)) throw error
    throw new UsageError(`${file} is there meanwhile, and stays as it is; to write another: --output FILE`)
  }
}

function isThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}

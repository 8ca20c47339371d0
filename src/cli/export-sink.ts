import { constants, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type * as z from 'zod'
import { printable } from '../runtime/printable.ts'
import { requireParquet, writeParquet } from '../store/embedded/write-parquet.ts'
import { UsageError } from './exit-codes.ts'
import type { ExportFormatName, ExportLayout } from './export-format.ts'
import type { layoutFlags, outputFlags } from './flags.ts'

const compress = promisify(gzip)

const ENDINGS: ReadonlyMap<string, ExportFormatName> = new Map([
  ['csv', 'csv'],
  ['ndjson', 'ndjson'],
  ['jsonl', 'ndjson'],
  ['parquet', 'parquet'],
])

/** Where text goes; a write resolves when there is space for more. */
export interface TextSink {
  write(text: string): Promise<void>
  /** All of it was written: it takes its name. What takes its time is logged. */
  finish(say: (message: string) => void): Promise<void>
  /** What was not finished is removed. */
  close(): Promise<void>
}

export type ExportFlags = Partial<z.infer<typeof outputFlags> & z.infer<typeof layoutFlags>>

/** Standard output was closed by who reads it, e.g. `head`: nobody wants the rest. */
export class ClosedPipeError extends Error {}

/** What text to ask for, and where it goes. @throws UsageError for flags that do not fit. */
export function readExportFlags({ format, output, timezone, wide = false }: ExportFlags): {
  readonly layout: ExportLayout
  readonly openSink: () => Promise<TextSink>
} {
  const path = output === '-' ? undefined : output
  const ending = path === undefined ? undefined : formatOfEnding(path)
  const expected = format ?? (path === undefined ? 'csv' : ending)
  if (expected === undefined)
    throw new UsageError(`--output ${path}: which format? Name it .csv, .ndjson or .parquet, or add --format`)
  if (ending !== undefined && ending !== expected)
    throw new UsageError(
      `--format ${expected}, but by its name ${path} is ${ending}: leave --format out, or name it otherwise`,
    )
  if (wide && expected !== 'csv') throw new UsageError('--wide is for CSV; the other formats have one row per sample')
  if (expected === 'parquet' && path === undefined) throw new UsageError('--format parquet needs --output FILE')
  if (timezone !== undefined) requireZone(timezone)
  const isParquet = expected === 'parquet'
  return {
    layout: { format: isParquet ? 'csv' : expected, wide, timezone },
    openSink: () =>
      path === undefined
        ? Promise.resolve(standardOutput())
        : openFile(path, { isParquet, hasLocalTime: timezone !== undefined }),
  }
}

function formatOfEnding(path: string): ExportFormatName | undefined {
  return ENDINGS.get(/\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? '')
}

function requireZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    throw new UsageError(`--timezone ${timeZone}: no such zone; expected one like Europe/Berlin or America/New_York`)
  }
}

/** A file has the names as they are; a terminal would obey them. */
export function standardOutput(): TextSink {
  const show = process.stdout.isTTY ? printable : (text: string) => text
  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        process.stdout.write(show(text), (error) => {
          if (!error) resolve()
          else if ('code' in error && error.code === 'EPIPE') reject(new ClosedPipeError())
          else reject(explained('standard output', error))
        })
      }),
    finish: async () => {},
    close: async () => {},
  }
}

/** A link that somebody else put in its place is not followed. */
const FRESH = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW

/** Written beside and renamed, so that a half file never looks like a complete one. */
async function openFile(
  output: string,
  { isParquet, hasLocalTime }: { isParquet: boolean; hasLocalTime: boolean },
): Promise<TextSink> {
  if (isParquet) requireParquet()
  const named = resolve(output)
  const path = await realpath(named).catch(() => named)
  const there = await stat(path).catch(() => undefined)
  if (there?.isDirectory()) throw new UsageError(`--output ${output} is a folder; name a file in it`)
  const isPlain = there === undefined || there.isFile()
  if (!isPlain && isParquet) throw new UsageError(`--output ${output} is no plain file, which Parquet needs`)
  const textPath = isParquet ? `${path}.part.csv.gz` : isPlain ? `${path}.part` : path
  const handle = await explaining(output, () => open(textPath, isPlain ? FRESH : 'w', 0o666))
  const leftovers = isPlain ? new Set([textPath, `${path}.part`]) : new Set<string>()
  let isOpen = true
  const closeHandle = async () => {
    if (isOpen) await handle.close()
    isOpen = false
  }
  return {
    write: (text) =>
      explaining(output, async () => handle.appendFile(isParquet ? await compress(text, { level: 1 }) : text)),
    async finish(say) {
      await explaining(output, async () => {
        if (isPlain) await handle.sync()
        await closeHandle()
        if (isParquet) say(`writing the Parquet file ${output}`)
        if (isParquet) await rm(`${path}.part`, { force: true })
        if (isParquet) await writeParquet({ csvPath: textPath, path: `${path}.part`, hasLocalTime })
        if (isPlain) await rename(`${path}.part`, path)
        if (isParquet) say(`${output} is written`)
      })
    },
    async close() {
      await closeHandle().catch(() => {})
      for (const leftover of leftovers) await rm(leftover, { force: true })
    },
  }
}

async function explaining<T>(output: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw explained(output, error, '; nothing of it was left behind')
  }
}

/** In words, where there are some. */
function explained(output: string, error: unknown, consequence = ''): Error {
  if (!(error instanceof Error)) return new Error(String(error))
  const code = 'code' in error ? String(error.code) : ''
  const words = WORDS.get(code)
  return words === undefined ? error : new Error(`${output}: ${words} (${code})${consequence}`, { cause: error })
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'the disk is full: free some of it, or export a shorter span'],
  ['EDQUOT', 'the disk quota is used up: free some of it, or export a shorter span'],
  ['ENOENT', 'its folder does not exist: make it, or name another'],
  ['ENOTDIR', 'its folder is none: name another'],
  ['EACCES', 'this user may not write there'],
  ['EPERM', 'this user may not write there'],
  ['ELOOP', 'a link stands where it is written first: remove it, or name another'],
  ['EROFS', 'nothing can be written to this file system'],
])

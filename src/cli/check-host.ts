import { open, rm, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { explain, hasCode } from '../runtime/errors.ts'
import { makeFolder } from '../runtime/make-folder.ts'
import type { Finding } from '../sync/check/check-device.ts'
import { meetHost } from '../web/command-client.ts'
import { explainListening } from '../web/serve-web.ts'
import { differingParts } from './command-host.ts'

/** What a check looks at of this machine; tests have their own. */
export interface HostFacts {
  /** In bytes, for this user. */
  freeBytes(folder: string): Promise<number>
  /** Writes some bytes there that reach the disk, and removes them. */
  tryToWrite(folder: string): Promise<void>
}

const MIB = 1024 * 1024
/** A year of a channel takes some MB; below the second, DuckDB cannot write what is in its log into its file. */
const [FEW_BYTES, TOO_FEW_BYTES] = [256 * MIB, 16 * MIB]
const PROBE_BYTES = 64 * 1024

/** Whether the daemon could start on this machine, and go on: what it would end with is BAD. */
export async function checkHost(
  config: Config,
  { isDaemon, signal }: { readonly isDaemon: boolean; readonly signal: AbortSignal },
): Promise<Finding[]> {
  const state = await checkStateDir(config.stateDir, { isEmbedded: config.store.type === 'embedded' })
  return isDaemon ? state : [...state, ...(await checkListening(config, signal))]
}

export async function checkStateDir(
  stateDir: string,
  { isEmbedded, facts = hostFacts }: { readonly isEmbedded: boolean; readonly facts?: HostFacts },
): Promise<Finding[]> {
  const subject = 'stateDir'
  try {
    await makeFolder(stateDir)
    await facts.tryToWrite(stateDir)
  } catch (error) {
    return [{ verdict: 'BAD', subject, message: explainUnwritable(error, stateDir) }]
  }
  if (!isEmbedded) return []
  const freeBytes = await facts.freeBytes(stateDir)
  if (freeBytes >= FEW_BYTES) return []
  const free = `${(freeBytes / MIB).toFixed(freeBytes < 10 * MIB ? 1 : 0)} MB`
  const message = `the disk of ${stateDir}, where the samples go, has ${free} left: free some of it`
  return [{ verdict: freeBytes < TOO_FEW_BYTES ? 'BAD' : 'WARN', subject, message }]
}

function explainUnwritable(error: unknown, stateDir: string): string {
  if (hasCode(error, 'ENOSPC') || hasCode(error, 'EDQUOT'))
    return `nothing can be written to ${stateDir}: the disk (or the quota of this user) is full\n  free some of it, or choose another stateDir`
  return error instanceof Error && 'code' in error
    ? `nothing can be written to ${stateDir}: ${error.message}\n  choose another stateDir, or give this user permission to write there`
    : explain(error)
}

async function checkListening(config: Config, signal: AbortSignal): Promise<Finding[]> {
  const { host, port } = config.web
  const error = port === 0 ? undefined : await tryToListen({ host, port })
  if (error === undefined) return []
  const subject = 'web.listen'
  const daemon = hasCode(error, 'EADDRINUSE')
    ? await meetHost(config.stateDir, { signal }).catch(() => undefined)
    : undefined
  daemon?.close()
  if (!daemon) return [{ verdict: 'BAD', subject, message: explainListening(error, { host, port }).message }]
  if (daemon.host && !differingParts(config, daemon.host, 'check').includes('web')) return []
  // The daemon may have it, which runs with other settings of `web`.
  const message = `${host}:${port} is in use: by another program, or by the daemon that is running`
  return [{ verdict: 'WARN', subject, message }]
}

function tryToListen(address: { readonly host: string; readonly port: number }): Promise<Error | undefined> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', resolve)
    server.listen(address, () => server.close(() => resolve(undefined)))
  })
}

const hostFacts: HostFacts = {
  async freeBytes(folder) {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  },
  async tryToWrite(folder) {
    const path = join(folder, `.check-${process.pid}`)
    const file = await open(path, 'w', 0o600)
    try {
      await file.write(Buffer.alloc(PROBE_BYTES, 'x'))
      await file.sync()
    } finally {
      await file.close()
      await rm(path, { force: true })
    }
  },
}

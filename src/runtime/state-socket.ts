import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from './make-folder.ts'

/** What the kernel takes as the path of a Unix socket, in bytes. */
const MAX_SOCKET_PATH = 100

/** A path for a socket in the state folder that the kernel accepts however deep the folder lies; close it when done. */
export interface SocketPath {
  readonly path: string
  close(): Promise<void>
}

/** @throws Error when the folder's path is too long and the system has no way around it. */
export async function openSocketPath(stateDir: string, name: string): Promise<SocketPath> {
  await makeFolder(stateDir)
  const path = join(stateDir, name)
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return { path, close: async () => {} }
  if (process.platform !== 'linux')
    throw new Error(`the path of stateDir is too long for a socket (${path}); choose a stateDir with a shorter path`)
  const folder: FileHandle = await open(stateDir, 'r')
  return { path: `/proc/self/fd/${folder.fd}/${name}`, close: () => folder.close() }
}

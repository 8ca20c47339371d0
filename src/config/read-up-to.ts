import { open, stat } from 'node:fs/promises'

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

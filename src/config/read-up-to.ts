import { open } from 'node:fs/promises'

/** A file that is longer than it may be. */
export class TooLongError extends Error {}

/** The bytes of a file, never more of it than it may have: a device such as /dev/zero has no end. */
export async function readUpTo(path: string, maxBytes: number): Promise<Buffer> {
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

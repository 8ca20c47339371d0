import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** The bytes of a log, wherever they are. */
export interface LogBytes {
  readonly sizeBytes: number
  /** `lengthBytes` bytes from `offset`; the view is valid until the next call. */
  view(offset: number, lengthBytes: number): DataView
  close(): void
}

/** A power of two, so that no record lies across two blocks. */
const BLOCK_BYTES = 65_536
const BLOCKS_KEPT = 16

export function memoryBytes(bytes: Uint8Array): LogBytes {
  return {
    sizeBytes: bytes.byteLength,
    view: (offset, lengthBytes) => new DataView(bytes.buffer, bytes.byteOffset + offset, lengthBytes),
    close() {},
  }
}

/** Reads blocks by their position and keeps the last few: a log of years takes one megabyte of memory. */
export function fileBytes(path: string): LogBytes {
  const file = openSync(path, 'r')
  const sizeBytes = fstatSync(file).size
  const blocks = new Map<number, DataView>()
  return {
    sizeBytes,
    view(offset, lengthBytes) {
      const index = Math.floor(offset / BLOCK_BYTES)
      const block = blocks.get(index) ?? readBlock(file, index)
      blocks.delete(index)
      blocks.set(index, block)
      for (const oldest of blocks.keys()) if (blocks.size > BLOCKS_KEPT) blocks.delete(oldest)
      return new DataView(block.buffer, offset - index * BLOCK_BYTES, lengthBytes)
    },
    close: () => closeSync(file),
  }
}

function readBlock(file: number, index: number): DataView {
  const block = new Uint8Array(BLOCK_BYTES)
  readSync(file, block, 0, BLOCK_BYTES, index * BLOCK_BYTES)
  return new DataView(block.buffer)
}

import { StoreError } from '../../src/model/store.ts'

/** What goes wrong with a write of the simulated store, and what of it is executed. */
export type WriteFault =
  /** Nothing was sent. */
  | { readonly kind: 'refused' | 'unauthorized' | 'rejected' }
  /** An error after sending; nothing is executed. */
  | { readonly kind: 'unavailable' | 'reset' }
  /** Executed, but the answer is lost. */
  | { readonly kind: 'lost-answer' }
  /** No answer in time, and executed so much later. */
  | { readonly kind: 'late'; readonly delayMs: number }
  /** Only the first half of the batch is executed, then the connection breaks. */
  | { readonly kind: 'half' }
  /** Accepted, and nothing of it is kept. */
  | { readonly kind: 'dropped' }
  | { readonly kind: 'slow'; readonly delayMs: number }

/** What goes wrong with a question. */
export type ReadFault =
  | { readonly kind: 'refused' | 'unavailable' | 'timeout' | 'partial' | 'unauthorized' | 'bad-answer' }
  | { readonly kind: 'slow'; readonly delayMs: number }

/** After so long, a write that was cut off is executed or never will be. */
export const QUEUE_MS = 70_000

type ErrorKind = Exclude<WriteFault['kind'] | ReadFault['kind'] | 'read-only', 'slow' | 'dropped'>

/** The error that the caller sees. */
export function faultError(kind: ErrorKind, { asked, deduplicates }: { asked: string; deduplicates: boolean }) {
  const ambiguous = { ambiguous: true, mayLandForMs: deduplicates ? 0 : QUEUE_MS }
  switch (kind) {
    case 'refused':
      return new StoreError('unreachable', `${asked}: connection refused`)
    case 'unauthorized':
      return new StoreError('unauthorized', `${asked}: 401 Unauthorized`)
    case 'rejected':
      return new StoreError('rejected', `${asked}: 400 Bad Request`)
    case 'unavailable':
      return new StoreError('unavailable', `${asked}: 503 Service Unavailable`, ambiguous)
    case 'reset':
    case 'half':
      return new StoreError('unreachable', `${asked}: the connection was lost`, ambiguous)
    case 'lost-answer':
    case 'late':
    case 'timeout':
      return new StoreError('timeout', `${asked}: no answer in time`, ambiguous)
    case 'partial':
      return new StoreError('partial', `${asked}: answered without some of its nodes`)
    case 'bad-answer':
      return new StoreError('bad-answer', `${asked}: not an answer`)
    case 'read-only':
      return new StoreError('read-only', `${asked}: 503 the storage is in read-only mode`)
  }
}

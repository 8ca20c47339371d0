import { type DeviceAnswer, plainReply, toAnswer } from '../../src/simulator/device-answer.ts'
import type { DeviceRequest } from '../../src/simulator/request-arguments.ts'

/** Something that goes wrong with one request. */
export type DeviceFault =
  /** Nobody listens. */
  | { readonly kind: 'refused' }
  /** Reset before the device has read the request. */
  | { readonly kind: 'reset-before' }
  /** Reset after so many bytes of the body. */
  | { readonly kind: 'reset-during'; readonly sentBytes: number }
  /** Answered in full by the device, but nothing arrives. */
  | { readonly kind: 'reset-after' }
  /** Closed after so many bytes of the body, without the end of the message. */
  | { readonly kind: 'cut'; readonly sentBytes: number }
  /** So many bytes of the body, as if they were all of it. */
  | { readonly kind: 'shortened'; readonly sentBytes: number }
  | { readonly kind: 'delay'; readonly delayMs: number }
  | { readonly kind: 'status'; readonly status: number; readonly body?: string }
  /** 200, and a body that is no answer. */
  | { readonly kind: 'garbage'; readonly body?: string }
  /** The device restarts while it answers; the answer arrives. */
  | { readonly kind: 'restart' }
  /** Another body than the device made, complete by all signs of HTTP. */
  | { readonly kind: 'rewritten'; readonly rewrite: (body: string) => string }

/** Looked at before each request; undefined: nothing goes wrong. */
export type FaultHook = (request: DeviceRequest) => DeviceFault | undefined

/** What arrives where the device does not come to answer itself. */
export function answerInstead(fault: DeviceFault): DeviceAnswer | undefined {
  const free = { recordReads: 0, costMs: 0 }
  if (fault.kind === 'status') return toAnswer(plainReply(fault.status, 'text/plain', fault.body ?? ''), free)
  if (fault.kind !== 'garbage') return undefined
  return toAnswer(plainReply(200, 'text/html', fault.body ?? '<html><body>It works!</body></html>'), free)
}

/** The answer as it is left by a fault that strikes while it is made or sent. */
export function damageAnswer(answer: DeviceAnswer, fault: DeviceFault): DeviceAnswer {
  switch (fault.kind) {
    case 'reset-after':
      return { ...answer, connection: 'reset', sentBytes: 0 }
    case 'reset-during':
      return { ...answer, connection: 'reset', sentBytes: Math.min(fault.sentBytes, answer.sentBytes) }
    case 'cut':
      return { ...answer, connection: 'cut', sentBytes: Math.min(fault.sentBytes, answer.sentBytes) }
    case 'shortened':
      return withBytes(answer, answer.bytes.subarray(0, fault.sentBytes))
    case 'rewritten':
      return withBytes(answer, Buffer.from(fault.rewrite(answer.body)))
    case 'delay':
      return { ...answer, delayMs: fault.delayMs }
    default:
      return answer
  }
}

function withBytes(answer: DeviceAnswer, bytes: Buffer): DeviceAnswer {
  const sentBytes = bytes.length
  const headers = answer.headers.map(([name, value]): readonly [string, string] =>
    name === 'Content-Length' ? [name, String(sentBytes)] : [name, value],
  )
  return { ...answer, headers, body: bytes.toString('utf8'), bytes, sentBytes }
}

import type { DeviceFault } from '../doubles/device-fault.ts'
import type { DeviceRequest } from '../../src/simulator/request-arguments.ts'
import type { ReadFault, WriteFault } from '../doubles/store-fault.ts'
import type { Choose } from './choose.ts'

const MINUTE_S = 60
const DAY_S = 86_400

/** What goes wrong with one request to a device. */
export const DEVICE_STRIKES: Readonly<Record<string, (choose: Choose) => DeviceFault>> = {
  'device: refused, or its name is unknown': () => ({ kind: 'refused' }),
  'device: reset before the answer': () => ({ kind: 'reset-before' }),
  'device: reset within the answer': (choose) => ({ kind: 'reset-during', sentBytes: choose.complete(1, 4000) }),
  'device: reset after the answer': () => ({ kind: 'reset-after' }),
  'device: answer cut': (choose) => ({ kind: 'cut', sentBytes: choose.complete(1, 4000) }),
  'device: answer ends cleanly and early': (choose) => ({ kind: 'shortened', sentBytes: choose.complete(1, 4000) }),
  'device: a row too short': () => ({ kind: 'rewritten', rewrite: withoutLastCell }),
  'device: a row missing': () => ({ kind: 'rewritten', rewrite: withoutFirstRow }),
  'device: HTML for JSON': () => ({ kind: 'garbage' }),
  'device: far too long an answer': () => ({ kind: 'rewritten', rewrite: (body) => body + ' '.repeat(5_000_000) }),
  'device: one byte per second': (choose) => ({ kind: 'delay', delayMs: choose.complete(61, 120) * 1000 }),
  'device: an answer that never ends': (choose) => ({ kind: 'delay', delayMs: choose.complete(5, 30) * 60_000 }),
  'device: slow': (choose) => ({ kind: 'delay', delayMs: choose.complete(500, 20_000) }),
  'device: 500': () => ({ kind: 'status', status: 500, body: 'Internal error' }),
  'device: 401': () => ({ kind: 'status', status: 401 }),
  'device: restarts while it answers': () => ({ kind: 'restart' }),
  'device: claims a longer log': (choose) => ({ kind: 'rewritten', rewrite: withEarlierFirst(choose.complete(1, 9)) }),
}

/** A fault that costs the device minutes each time strikes seldom. */
export function strikeProbability(kind: string, choose: Choose): number {
  if (/never ends|restarts/.test(kind)) return choose.between(0.002, 0.02)
  return choose.pick([1, 0.5, 0.1, 0.02])
}

/** Some faults change only an answer with rows, or only one about the logs. */
export function isStruck(kind: string, { url }: DeviceRequest): boolean {
  if (kind.includes('row')) return url.startsWith('/query?select')
  return !kind.includes('longer log') || url.startsWith('/status')
}

export const WRITE_STRIKES: Readonly<Record<string, (choose: Choose) => WriteFault>> = {
  'store: refuses a write': () => ({ kind: 'refused' }),
  'store: wants another password': () => ({ kind: 'unauthorized' }),
  'store: 503, being busy or full': () => ({ kind: 'unavailable' }),
  'store: reset within a write': () => ({ kind: 'reset' }),
  'store: answer to a write lost': () => ({ kind: 'lost-answer' }),
  'store: carries a write out late': (choose) => ({ kind: 'late', delayMs: choose.complete(100, 65_000) }),
  'store: half of a write': () => ({ kind: 'half' }),
  'store: accepts and drops': () => ({ kind: 'dropped' }),
  'store: slow to write': (choose) => ({ kind: 'slow', delayMs: choose.complete(500, 40_000) }),
}

export const READ_STRIKES: Readonly<Record<string, (choose: Choose) => ReadFault>> = {
  'store: refuses a question': () => ({ kind: 'refused' }),
  'store: no answer in time': () => ({ kind: 'timeout' }),
  'store: answers in part': () => ({ kind: 'partial' }),
  'store: answers nonsense': () => ({ kind: 'bad-answer' }),
  'store: slow to answer': (choose) => ({ kind: 'slow', delayMs: choose.complete(500, 40_000) }),
}

function withoutLastCell(body: string): string {
  return body.replace(/,[^,\][]*\]/, ']')
}

function withoutFirstRow(body: string): string {
  return body.replace(/"data":\[\[[^\]]*\],/, '"data":[')
}

function withEarlierFirst(days: number): (body: string) => string {
  return (body) =>
    body.replace(/"firstkey":(\d+)/g, (complete, key: string) =>
      Number(key) > 0 ? `"firstkey":${Number(key) - days * DAY_S - (Number(key) % MINUTE_S)}` : complete,
    )
}

import type { Reading } from './text-setting.ts'

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** Whether this machine alone can connect to it. */
export function isLoopback(host: string): boolean {
  return /^(localhost\.?|127\.\d+\.\d+\.\d+|::1)$/i.test(host)
}

/** `127.0.0.1:8480`, `[::1]:8480`, `:8480` for every address of the machine; port 0 is any free one. */
export function readListenAddress(text: string): Reading<ListenAddress> {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/@]*)):(\d{1,5})$/i.exec(text) ?? []
  if (port === undefined || Number(port) > 65_535)
    return { expected: 'host:port such as 127.0.0.1:8480, or :8480 for every address of the machine' }
  return { value: { host: bracketed ?? (plain || '0.0.0.0'), port: Number(port) } }
}

import type { RunningServer } from './victoria-metrics.mjs'

export function startServer(options: {
  readonly binary: string
  readonly name: string
  readonly folder?: string
  readonly port?: number
  readonly argsFor: (given: { readonly dataFolder: string; readonly host: string }) => readonly string[]
  readonly healthPath: string
  readonly stopSignal: 'SIGINT' | 'SIGTERM'
}): Promise<RunningServer>
export function freePort(): Promise<number>

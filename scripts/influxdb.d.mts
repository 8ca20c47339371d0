import type { RunningServer } from './victoria-metrics.mjs'

export function findInfluxd(options?: { log?: (line: string) => void }): Promise<string | undefined>

export function startInfluxd(options: {
  binary: string
  folder?: string
  port?: number
  settings?: Readonly<Record<string, readonly string[]>>
}): Promise<RunningServer>

export function askInfluxd(url: string, question: string): Promise<string>

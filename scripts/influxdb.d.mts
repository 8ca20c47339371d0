export interface StartedInfluxd {
  readonly url: string
  readonly pid: number | undefined
  stop(): Promise<void>
  kill(): Promise<void>
}

export function findInfluxd(options?: { log?: (line: string) => void }): Promise<string | undefined>

export function startInfluxd(options: {
  binary: string
  folder?: string
  port?: number
  settings?: Readonly<Record<string, readonly string[]>>
}): Promise<StartedInfluxd>

export function askInfluxd(url: string, question: string): Promise<string>

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../bin/iotawatt-sync', import.meta.url))

export interface CliResult {
  readonly args: readonly string[]
  /** Null where a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliProcess {
  readonly ended: Promise<CliResult>
  hasEnded(): boolean
  kill(signal: NodeJS.Signals): void
  /** Resolves when its output matches; rejects when it ends without. */
  says(pattern: RegExp): Promise<void>
}

export interface CliOptions {
  readonly folder: string
  /** In place of the one here. */
  readonly program?: string
  readonly env?: Readonly<Record<string, string>>
  readonly nodeArgs?: readonly string[]
  /** Whether it takes its input for a terminal, at which nobody answers. */
  readonly isAsking?: boolean
}

const AS_TERMINAL = 'data:text/javascript,process.stdin.isTTY = process.stderr.isTTY = true'

/** The program as its user runs it, in a process of its own. */
export function startCli(args: readonly string[], options: CliOptions): CliProcess {
  const { folder, program = PROGRAM, env = {}, nodeArgs = [], isAsking = false } = options
  const terminal = isAsking ? ['--import', AS_TERMINAL] : []
  const child = spawn(process.execPath, [...nodeArgs, ...terminal, program, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, ...(isAsking && { TERM: 'dumb' }), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  if (!isAsking) child.stdin.end()
  let stdout = ''
  let stderr = ''
  let waiting: (() => void)[] = []
  const wake = () => {
    const due = waiting
    waiting = []
    for (const look of due) look()
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    wake()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    wake()
  })
  let isOver = false
  const ended = once(child, 'close').then(([code, signal]): CliResult => {
    isOver = true
    wake()
    return { args, code, signal, stdout, stderr }
  })
  return {
    ended,
    hasEnded: () => isOver,
    kill: (signal) => void child.kill(signal),
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (pattern.test(stdout + stderr)) resolve()
          else if (isOver) reject(new Error(`${args.join(' ')} ended without saying ${pattern}:\n${stdout}${stderr}`))
          else waiting.push(look)
        }
        look()
      }),
  }
}

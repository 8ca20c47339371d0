import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { RunningServer } from '../scripts/victoria-metrics.mjs'
import { openCliHome } from '../test/cli-home.ts'
import { PRINT_PEAK, readPeakKb } from '../test/peak-memory.ts'

const TICKS_A_SECOND = 100
const PRINT_CPU = [
  '--import',
  `data:text/javascript,${encodeURIComponent(`
import { writeSync } from 'node:fs'
process.on('exit', () => {
  const { user, system } = process.cpuUsage()
  writeSync(2, 'CPU: ' + (user + system) + '\\n')
})`)}`,
]

export interface Run {
  readonly wallS: number
  /** Of the program alone. */
  readonly cpuS: number
  readonly peakMb: number
  readonly stdout: string
}

/** Runs the program in a process of its own, with a new configuration. */
export async function timeRun(config: object, args: readonly string[]): Promise<Run> {
  const home = await openCliHome(config)
  try {
    const startedMs = performance.now()
    const { code, stdout, stderr } = await home.run(args, { nodeArgs: [...PRINT_PEAK, ...PRINT_CPU] })
    const wallS = (performance.now() - startedMs) / 1000
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`)
    return { wallS, cpuS: Number(/^CPU: (\d+)$/m.exec(stderr)?.[1]) / 1e6, peakMb: readPeakKb(stderr) / 1024, stdout }
  } finally {
    await home.close()
  }
}

export async function timeCurl(args: readonly string[]): Promise<number> {
  const startedMs = performance.now()
  await promisify(execFile)('curl', ['--fail', '--silent', '--show-error', ...args], { maxBuffer: Infinity })
  return (performance.now() - startedMs) / 1000
}

/** The CPU that another process has taken so far, in seconds. */
export async function cpuOf({ pid }: RunningServer): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The name of the program, in brackets, may hold spaces.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
}

/** What several rounds measured, by the name of the figure. */
export function collect(rounds: readonly Readonly<Record<string, number>>[]): Record<string, number[]> {
  const names = Object.keys(rounds[0] ?? {})
  return Object.fromEntries(names.map((name) => [name, rounds.map((round) => round[name] ?? NaN)]))
}

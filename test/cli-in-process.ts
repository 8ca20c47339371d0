import { AsyncLocalStorage } from 'node:async_hooks'
import { Writable } from 'node:stream'
import { createRedaction } from '../src/cli/explain-error.ts'
import { runProgram } from '../src/cli/program.ts'
import type { CliResult } from './cli-process.ts'

/** What a command finds in `process` in place of what this one has. */
interface Lent {
  readonly cwd: () => string
  readonly env: NodeJS.ProcessEnv
  readonly stdin: object
  readonly stdout: Writable
  readonly stderr: Writable
}

const lent = new AsyncLocalStorage<Lent>()
const { env, stdin, stdout, stderr } = process
// Each command that runs listens for signals.
process.setMaxListeners(0)
const own: Lent = { cwd: process.cwd.bind(process), env, stdin, stdout, stderr }

/** At each call: set once, it was gone in a later file of the same worker. */
function lendProcess(): void {
  const get = <Name extends keyof Lent>(name: Name) => (lent.getStore() ?? own)[name]
  process.cwd = () => get('cwd')()
  for (const name of ['env', 'stdin', 'stdout', 'stderr'] as const)
    Object.defineProperty(process, name, { get: () => get(name), configurable: true })
}

/** The program without a process of its own, which takes half a second; where nothing depends on that. */
export async function runInProcess(
  args: readonly string[],
  folder: string,
  more: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const [out, err] = [collect(), collect()]
  const here: Lent = {
    cwd: () => folder,
    env: { PATH: process.env['PATH'], HOME: folder, ...more },
    stdin: { isTTY: false },
    stdout: out.stream,
    stderr: err.stream,
  }
  const crash = { redaction: createRedaction(), showsStack: false }
  lendProcess()
  const code = await lent.run(here, () => runProgram(['node', 'iotawatt-sync', ...args], crash))
  return { args, code, signal: null, stdout: out.text(), stderr: err.text() }
}

function collect() {
  let text = ''
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _, done) {
      text += String(chunk)
      done()
    },
  })
  return { stream, text: () => text }
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInProcess } from './cli-in-process.ts'
import { startCli, type CliOptions, type CliProcess, type CliResult } from './cli-process.ts'

/** The default one may be in use, by a daemon of this machine. */
const ANY_PORT = { listen: '127.0.0.1:0' }

/** A folder with a configuration and a state, in which commands are run. */
export interface CliHome {
  readonly folder: string
  /** Objects are written as JSON, which YAML takes, with a port of their own. */
  configure(config: object | string): Promise<void>
  start(args: readonly string[], options?: Omit<CliOptions, 'folder'>): CliProcess
  /** Without options, in this process. */
  run(args: readonly string[], options?: Omit<CliOptions, 'folder'>): Promise<CliResult>
  /** All that was run and has ended. */
  results(): readonly CliResult[]
  close(): Promise<void>
}

export async function openCliHome(config?: object | string): Promise<CliHome> {
  const folder = await mkdtemp(join(tmpdir(), 'cli-home-'))
  const started: CliProcess[] = []
  const results: CliResult[] = []

  const configure = (next: object | string) =>
    writeFile(
      join(folder, 'iotawatt-sync.yaml'),
      typeof next === 'string'
        ? next
        : JSON.stringify({ ...next, web: { ...ANY_PORT, ...('web' in next && Object(next.web)) } }, undefined, 1),
    )

  function start(args: readonly string[], options: Omit<CliOptions, 'folder'> = {}): CliProcess {
    const cli = startCli(args, { folder, ...options })
    started.push(cli)
    void cli.ended.then((result) => results.push(result))
    return cli
  }

  async function run(args: readonly string[], options?: Omit<CliOptions, 'folder'>): Promise<CliResult> {
    if (options) return start(args, options).ended
    const result = await runInProcess(args, folder)
    results.push(result)
    return result
  }

  if (config !== undefined) await configure(config)
  return {
    folder,
    configure,
    start,
    run,
    results: () => results,
    async close() {
      for (const cli of started) if (!cli.hasEnded()) cli.kill('SIGKILL')
      await Promise.all(started.map((cli) => cli.ended))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

import type { Writable } from 'node:stream'
import { ExitCode } from './exit-codes.ts'
import { createRedaction, DEBUG_VARIABLE, reportCrashes } from './explain-error.ts'
import { runProgram } from './program.ts'

const output = watchOutput(process)
const crash = { redaction: createRedaction(), showsStack: Boolean(process.env[DEBUG_VARIABLE]) }
reportCrashes(crash)
const exitCode = await runProgram(process.argv, crash)
process.exitCode = exitCode === ExitCode.done && (await output.isLost()) ? ExitCode.failed : exitCode

/**
 * Without a listener, an error of standard output ends the process with a stack trace. Who has closed it (`| head`) wants
 * no more; any other error loses what was asked for.
 */
function watchOutput({ stdout, stderr }: { readonly stdout: Writable; readonly stderr: Writable }) {
  let lost: Error | undefined
  stdout.on('error', (error) => {
    if (!('code' in error) || error.code !== 'EPIPE') lost ??= error
  })
  stderr.on('error', () => {})
  return {
    /** Whether what was printed did not arrive; reports it. */
    async isLost(): Promise<boolean> {
      await new Promise((resolve) => stdout.write('', resolve))
      if (lost) stderr.write(`standard output cannot be written: ${lost.message}\n`)
      return lost !== undefined
    },
  }
}

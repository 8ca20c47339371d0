import type { Writable } from 'node:stream'

/**
 * Without a listener, an error of standard output ends the process with a stack trace. Who has closed it (`| head`) wants
 * no more; any other error loses what was asked for.
 */
export function watchOutput({ stdout, stderr }: { readonly stdout: Writable; readonly stderr: Writable }) {
  let lost: Error | undefined
  stdout.on('error', (error) => {
    if (!('code' in error) || error.code !== 'EPIPE') lost ??= error
  })
  stderr.on('error', () => {})
  return {
    /** Whether what was printed did not arrive; says so. */
    async isLost(): Promise<boolean> {
      await new Promise((resolve) => stdout.write('', resolve))
      if (lost) stderr.write(`standard output cannot be written: ${lost.message}\n`)
      return lost !== undefined
    },
  }
}

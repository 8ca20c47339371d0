/** Arguments for Node: a small heap. Else the peak is garbage, of which a busy machine lets more pile up. */
export const SMALL_HEAP = ['--max-semi-space-size=1', '--max-old-space-size=80']

/** Arguments for Node: the program says at its end how much memory it held at most. Not getrusage, whose figure counts what was there before exec. */
export const PRINT_PEAK = [
  '--import',
  `data:text/javascript,${encodeURIComponent(`
import { readFileSync, writeSync } from 'node:fs'
process.on('exit', () => writeSync(2, /VmHWM.*/.exec(readFileSync('/proc/self/status', 'utf8'))[0] + '\\n'))`)}`,
]

export function readPeakKb(stderr: string): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(stderr)?.[1])
}

import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'

/** Asks until there is an answer; the end of the input (Ctrl-D) is a no. Rejects when the signal is aborted. */
export async function askAtTerminal(
  question: string,
  byDefault: 'yes' | 'no',
  signal: AbortSignal,
): Promise<'yes' | 'no'> {
  // Not as a terminal: so Ctrl-C reaches the process as at any other time.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false })
  const ended = once(lines, 'close', { signal }).then(() => undefined)
  try {
    for (;;) {
      const asked = lines.question(`${question} ${byDefault === 'yes' ? '[Y/n]' : '[y/N]'} `, { signal })
      const text = await Promise.race([asked, ended])
      const answer = text === undefined ? 'no' : readAnswer(text, byDefault)
      if (answer) return answer
    }
  } finally {
    lines.close()
  }
}

function readAnswer(text: string, byDefault: 'yes' | 'no'): 'yes' | 'no' | undefined {
  const word = text.trim().toLowerCase()
  if (word === '') return byDefault
  if (word === 'y' || word === 'yes') return 'yes'
  return word === 'n' || word === 'no' ? 'no' : undefined
}

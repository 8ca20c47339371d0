import type { Answer } from './connection.ts'

/** The cause stands at the end of what VictoriaMetrics says, behind our own question: both ends are kept. */
const [HEAD, TAIL] = [80, 220]
const [MAX_QUOTED, SHOWN_QUOTED] = [60, 30]

/** The answer's own words, short and on one line. */
export function excerpt({ redact }: Pick<Answer, 'redact'>, body: string): string {
  if (/^\s*</.test(body)) return ': a web page'
  const text = withoutQuestion(redact(errorIn(body)))
    .replace(/\s+/g, ' ')
    .trim()
  if (text === '') return ''
  return `: ${text.length > HEAD + TAIL ? `${text.slice(0, HEAD)} … ${text.slice(-TAIL)}` : text}`
}

/** Of an answer in JSON, the text that is the error. */
function errorIn(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed && 'error' in parsed && typeof parsed.error === 'string')
      return parsed.error
  } catch {
    // It is plain text, or was cut.
  }
  return body
}

/** What we asked is repeated before what is wrong with it, more than once where it is nested. */
function withoutQuestion(text: string): string {
  const bare = text.replace(/^remoteAddr: "[^"]*"; /, '').replace(/^requestURI: [^;]*; /, '')
  return shortQuotes(bare).replace(/; possible solutions: [^]*$/, '')
}

/** Quote by quote: one expression for a whole quote would take its length squared where the last one stays open. */
function shortQuotes(text: string): string {
  let [short, taken, openedAt] = ['', 0, -1]
  for (const { 0: found, index } of text.matchAll(/\\.|"/gs)) {
    if (found !== '"') continue
    if (openedAt >= 0 && index - openedAt > MAX_QUOTED) {
      short += `${text.slice(taken, openedAt + SHOWN_QUOTED)}…`
      taken = index
    }
    openedAt = openedAt < 0 ? index : -1
  }
  return short + text.slice(taken)
}

import { untilAborted } from './until-aborted.ts'

export interface AskTogetherOptions {
  /** Waited for before each question, that others may join; left out: none. */
  readonly gather?: (() => Promise<void>) | undefined
}

/**
 * Answers many who ask for the same kind of thing with few questions, one at a time: whoever comes while one is under way
 * shares the next, which begins after all of them came. So nobody gets an answer that is older than his question.
 */
export function askTogether<Asked, Answer>(
  ask: (asked: readonly Asked[]) => Promise<Answer>,
  { gather }: AskTogetherOptions = {},
): (asked: Asked, signal: AbortSignal) => Promise<Answer> {
  let waiting: Asked[] = []
  let running: Promise<unknown> = Promise.resolve()
  let next: Promise<Answer> | undefined

  async function askNext(): Promise<Answer> {
    await running
    await gather?.()
    const asked = waiting
    waiting = []
    next = undefined
    const answer = ask(asked)
    running = answer.catch(() => {})
    return answer
  }

  return (asked, signal) => {
    signal.throwIfAborted()
    waiting.push(asked)
    next ??= askNext()
    return untilAborted(next, signal)
  }
}

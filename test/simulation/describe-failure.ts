import type { SeedOutcome } from './run-seed.ts'

const SHOWN_DIFFERENCES = 10
const SHOWN_LINES = 10

/** What went wrong, and the command that repeats it. */
export function describeFailure({ seed, wrong, lines }: SeedOutcome): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  return [
    `seed ${seed} failed; to repeat it: TZ=${timeZone} npm run simulate:soak -- --seeds 1 --first-seed ${seed}`,
    ...wrong.slice(0, SHOWN_DIFFERENCES).map((line) => `  ${line}`),
    ...(wrong.length > SHOWN_DIFFERENCES ? [`  … ${wrong.length - SHOWN_DIFFERENCES} more`] : []),
    '  its last lines:',
    ...lines.slice(-SHOWN_LINES).map((line) => `  ${line}`),
  ].join('\n')
}

import type { CommandOutput, Progress } from '../model/collector.ts'
import { openTimeZone } from '../model/time-zone.ts'
import { formatSpan } from '../sync/words.ts'
import type { Work } from '../web/command-protocol.ts'
import { formatTimeOfDay } from './format-time.ts'

export interface WorkTrack {
  /** The same output, whose progress is noted too. */
  readonly output: CommandOutput
  work(): Work
}

/** How far a command is, for others who ask. */
export function trackWork(command: string, sinceMs: number, output: CommandOutput): WorkTrack {
  const latest = new Map<string, Progress>()
  return {
    output: {
      ...output,
      progress(progress) {
        latest.set(progress.name, progress)
        output.progress(progress)
      },
    },
    work() {
      const parts = [...latest.values()]
      const sum = (numberOf: (part: Progress) => number) => parts.reduce((total, part) => total + numberOf(part), 0)
      const total = sum((part) => part.total)
      const left = parts.flatMap(({ leftMs }) => (leftMs === undefined ? [] : [leftMs]))
      return {
        command,
        sinceMs,
        ...(total > 0 && { share: Math.min(1, sum(({ done }) => done) / total) }),
        ...(left.length > 0 && { leftMs: Math.max(...left) }),
      }
    },
  }
}

/** `load` (process 5926) has been at work since 05:29, 12 %, 6 min left */
export function describeWork(
  { command, sinceMs, share, leftMs }: Work,
  { pid, zone, nowMs }: { readonly pid: number | undefined; readonly zone: string; readonly nowMs: number },
): string {
  const process = pid === undefined ? '' : ` (process ${pid})`
  const parts = [
    `\`${command}\`${process} has been at work since ${formatTimeOfDay(openTimeZone(zone), sinceMs, nowMs)}`,
    ...(share === undefined ? [] : [`${Math.floor(100 * share)} %`]),
    ...(leftMs === undefined ? [] : [`${formatSpan(leftMs)} left`]),
  ]
  return parts.join(', ')
}

import type { Config } from '../config/config.ts'
import type { CommandOutput, Progress } from '../model/daemon.ts'
import { openTimeZone } from '../model/time-zone.ts'
import { formatSpan } from '../runtime/plural.ts'
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

export interface WorkOfProcess extends Work {
  readonly process: number | undefined
  /** `load` (process 5926) has been at work since 05:29, 12 %, 6 min left */
  readonly text: string
}

interface DescribeOptions {
  /** Its number; left out: it did not tell. */
  readonly process: number | undefined
  readonly config: Pick<Config, 'house'>
  readonly nowMs: number
}

export function describeWork(work: Work, { process, config, nowMs }: DescribeOptions): WorkOfProcess {
  const { command, sinceMs, share, leftMs } = work
  const since = formatTimeOfDay(openTimeZone(config.house.timezone), sinceMs, nowMs)
  const parts = [
    `\`${command}\`${process === undefined ? '' : ` (process ${process})`} has been at work since ${since}`,
    ...(share === undefined ? [] : [`${Math.floor(100 * share)} %`]),
    ...(leftMs === undefined ? [] : [`${formatSpan(leftMs)} left`]),
  ]
  return { ...work, process, text: parts.join(', ') }
}

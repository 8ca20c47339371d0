import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { describeFailure } from './describe-failure.ts'
import { runSeed, type SeedOutcome } from './run-seed.ts'

if (isMainThread) await soak()
else parentPort?.on('message', (seed: number) => void runSeed(seed).then((outcome) => parentPort?.postMessage(outcome)))

async function soak(): Promise<void> {
  const options = { seeds: { type: 'string', default: '100' }, 'first-seed': { type: 'string', default: '1' } } as const
  const { values } = parseArgs({ options })
  const [count, first] = [readCount('seeds', values.seeds), readCount('first-seed', values['first-seed'])]
  const startedMs = performance.now()
  const strikes = new Map<string, number>()
  const totals = { done: 0, failed: 0, days: 0, samples: 0 }
  let next = first

  function note(outcome: SeedOutcome): void {
    totals.done++
    totals.days += outcome.simulatedDays
    totals.samples += outcome.samples
    for (const [kind, times] of outcome.strikes) strikes.set(kind, (strikes.get(kind) ?? 0) + times)
    if (outcome.wrong.length > 0) {
      totals.failed++
      console.log(describeFailure(outcome))
    } else if (totals.done % 50 === 0) console.log(`${totals.done} seeds, ${totals.failed} failed`)
  }

  function work(): Promise<void> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url))
      const take = () => {
        if (next >= first + count) void worker.terminate().then(() => resolve())
        else worker.postMessage(next++)
      }
      worker.on('message', (outcome: SeedOutcome) => {
        note(outcome)
        take()
      })
      worker.on('error', reject)
      take()
    })
  }

  await Promise.all(Array.from({ length: Math.min(count, availableParallelism()) }, work))
  const sorted = [...strikes].toSorted(([a], [b]) => (a < b ? -1 : 1))
  for (const [kind, times] of sorted) console.log(`${String(times).padStart(9)}  ${kind}`)
  const faults = sorted.reduce((sum, [, times]) => sum + times, 0)
  const seconds = Math.round((performance.now() - startedMs) / 1000)
  console.log(
    `${totals.done} seeds, ${Math.round(totals.days)} days, ${totals.samples} samples, ${faults} faults of ${sorted.length} kinds, ${seconds} s: ${totals.done - totals.failed} exact, ${totals.failed} failed`,
  )
  process.exitCode = totals.failed > 0 ? 1 : 0
}

function readCount(name: string, text: string): number {
  const count = Number(text)
  if (Number.isSafeInteger(count) && count > 0) return count
  console.error(`--${name}: a whole number above 0 was expected, not ${text}`)
  process.exit(2)
}

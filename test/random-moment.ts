import { setTimeout as sleep } from 'node:timers/promises'
import type { ServedDevice } from './doubles/serve-simulated-device.ts'
import type { CliProcess } from './cli-process.ts'

/** Waits some time after the program started, or after it asked the devices so many questions, unless it ends before. */
export async function randomMoment(
  run: CliProcess,
  { devices, random }: { devices: readonly ServedDevice[]; random: () => number },
): Promise<void> {
  const questions = random() < 0.2 ? 0 : 1 + Math.floor(random() * 30)
  const delayMs = random() * (questions === 0 ? 3_000 : 300)
  for (const { device } of devices) device.resetCounters()
  const asked = () => devices.reduce((sum, { device }) => sum + device.counters().requests, 0)
  while (asked() < questions && !run.hasEnded()) await sleep(2)
  await Promise.race([sleep(delayMs), run.ended])
}

import { checkDevice, checkStore, type Finding } from '../sync/check-device.ts'
import { count } from '../sync/words.ts'
import { checkHost } from './check-host.ts'
import type { Command } from './command.ts'
import { ExitCode } from './exit-codes.ts'

/** Configuration, store and devices: a line each as soon as it is known, and what to do. */
export const checkCommand: Command = async ({ engine, queues, options, output, signal }) => {
  // Both devices find the same thing wrong with the store.
  const all = new Map<string, Finding>()
  const say = (findings: readonly Finding[]) => {
    for (const finding of findings) {
      const key = JSON.stringify(finding)
      if (!all.has(key) && !options.json) output.print(describeFinding(finding))
      all.set(key, finding)
    }
  }
  const { devices, stateDir } = engine.config
  say([{ verdict: 'GOOD', subject: 'config', message: `${count(devices.length, 'device')}, state in ${stateDir}` }])
  say(options.warnings.map((message) => ({ verdict: 'WARN', subject: 'config', message })))
  say(await checkHost(engine.config, { isDaemon: engine.collector !== undefined, signal }))
  const unseen = engine.unseenStore
  const sayOf = (findings: readonly Finding[]) =>
    say(unseen === undefined ? findings : findings.filter(({ subject }) => subject !== 'store'))
  if (unseen !== undefined) say([{ verdict: 'WARN', subject: 'store', message: unseen }])
  const [first] = queues
  if (first) sayOf(await first.look((context) => checkStore(context, signal)))
  await Promise.all(queues.map(async (queue) => sayOf(await queue.look((context) => checkDevice(context, signal)))))
  if (options.json) output.print(JSON.stringify([...all.values()]))
  const counts = options.strict ? ['BAD', 'WARN'] : ['BAD']
  return [...all.values()].some(({ verdict }) => counts.includes(verdict)) ? ExitCode.failed : ExitCode.done
}

function describeFinding({ verdict, subject, message }: Finding): string {
  return `${verdict.padEnd(4)}  ${subject}: ${withoutSubject(message, subject)}`
}

function withoutSubject(message: string, subject: string): string {
  return message.startsWith(`${subject}: `) ? message.slice(subject.length + 2) : message
}

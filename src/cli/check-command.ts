import { checkDevice, checkStore, type Finding } from '../sync/check-device.ts'
import { count } from '../sync/describe-pass.ts'
import type { Command } from './command.ts'
import { ExitCode } from './exit-codes.ts'

/** Configuration, store and devices: a line each, and what to do. */
export const checkCommand: Command = async ({ engine, queues, options, output, signal }) => {
  const findings: Finding[] = [
    {
      verdict: 'GOOD',
      subject: 'config',
      message: `${count(engine.config.devices.length, 'device')}, state in ${engine.config.stateDir}`,
    },
  ]
  const [first] = queues
  if (first) findings.push(...(await first.look((context) => checkStore(context, signal))))
  const perDevice = await Promise.all(queues.map((queue) => queue.look((context) => checkDevice(context, signal))))
  const all = unique([...findings, ...perDevice.flat()])
  if (options.json) output.print(JSON.stringify(all))
  else
    for (const { verdict, subject, message } of all)
      output.print(`${verdict.padEnd(4)}  ${subject}: ${withoutSubject(message, subject)}`)
  const counts = options.strict ? ['BAD', 'WARN'] : ['BAD']
  return all.some(({ verdict }) => counts.includes(verdict)) ? ExitCode.failed : ExitCode.done
}

/** Both devices find the same thing wrong with the store. */
function unique(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()]
}

function withoutSubject(message: string, subject: string): string {
  return message.startsWith(`${subject}: `) ? message.slice(subject.length + 2) : message
}

import { checkStore, type DeviceCheck, type Finding, inspectDevice } from '../sync/check/check-device.ts'
import { checkHouse, checkSolar } from '../sync/check/check-house.ts'
import { describeForeignSeries, describeUnownedSeries } from '../sync/session/foreign-series.ts'
import type { SyncContext } from '../sync/session/session.ts'
import { explain } from '../runtime/errors.ts'
import type { Config } from '../config/config.ts'
import type { ChannelSelector } from '../model/house-views.ts'
import { plural } from '../runtime/plural.ts'
import { absentStore } from './absent-store.ts'
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
  say([{ verdict: 'GOOD', subject: 'config', message: `${plural(devices.length, 'device')}, state in ${stateDir}` }])
  say(options.warnings.map((message) => ({ verdict: 'WARN', subject: 'config', message })))
  say(await checkHost(engine.config, { isDaemon: engine.daemon !== undefined, signal }))
  const unseen = engine.unseenStore
  const sayOf = (findings: readonly Finding[]) =>
    say(unseen === undefined ? findings : findings.filter(({ subject }) => subject !== 'store'))
  if (unseen !== undefined) say([{ verdict: 'WARN', subject: 'store', message: unseen }])
  const [first] = queues
  const storeCheck = await first?.readOnly((context) => checkStore(context, signal))
  sayOf(storeCheck?.findings ?? [])
  // A store that did not answer is not asked once more for each device.
  const away = storeCheck?.error && { store: absentStore(storeCheck.error) }
  const { house } = engine.config
  const checks = await Promise.all(
    queues.map(async (queue) => {
      const check = await queue.readOnly((context) =>
        inspectMore({ ...context, ...away }, { solar: house.solar, signal }),
      )
      sayOf(check.findings)
      return check
    }),
  )
  if (queues.length === devices.length && checks.every(({ session }) => session !== undefined))
    say(
      checkHouse(
        house,
        checks.flatMap(({ session }) => session?.targets ?? []),
      ),
    )
  const isStoreBad = [...all.values()].some(({ subject, verdict }) => subject === 'store' && verdict === 'BAD')
  if (first && !isStoreBad) sayOf(await first.readOnly((context) => findUnowned(context, engine.config, signal)))
  if (options.json) output.print(JSON.stringify([...all.values()]))
  const counts = options.strict ? ['BAD', 'WARN'] : ['BAD']
  return [...all.values()].some(({ verdict }) => counts.includes(verdict)) ? ExitCode.failed : ExitCode.done
}

/** What a sync would look at, and what only a check has the time for. */
async function inspectMore(
  context: SyncContext,
  { solar, signal }: { readonly solar: ChannelSelector; readonly signal: AbortSignal },
): Promise<DeviceCheck> {
  const check = await inspectDevice(context, signal)
  const { session } = check
  if (!session) return check
  const subject = context.settings.deviceName
  const more = async (): Promise<Finding[]> => {
    const foreign = await describeForeignSeries(session, signal)
    const found = await checkSolar(session, solar, signal)
    return foreign === undefined ? found : [{ verdict: 'WARN', subject, message: foreign }, ...found]
  }
  return { ...check, findings: [...check.findings, ...(await tried(subject, more, signal))] }
}

async function findUnowned(context: SyncContext, { devices, metric }: Config, signal: AbortSignal): Promise<Finding[]> {
  const channels = devices.flatMap((device) => device.channels ?? [])
  const metrics = [...new Set([metric, ...channels.map((channel) => channel.metric)])]
  const names = devices.map(({ name }) => name)
  const more = async (): Promise<Finding[]> => {
    const message = await describeUnownedSeries(context, { metrics, devices: names }, signal)
    return message === undefined ? [] : [{ verdict: 'WARN', subject: 'store', message }]
  }
  return tried('store', more, signal)
}

/** What fails here has failed before, and was reported, or has nothing to do with whether copying works. */
async function tried(subject: string, look: () => Promise<Finding[]>, signal: AbortSignal): Promise<Finding[]> {
  try {
    return await look()
  } catch (error) {
    signal.throwIfAborted()
    return [{ verdict: 'WARN', subject, message: `not everything was looked at: ${explain(error)}` }]
  }
}

function describeFinding({ verdict, subject, message }: Finding): string {
  return `${verdict.padEnd(4)}  ${subject}: ${withoutSubject(message, subject)}`
}

function withoutSubject(message: string, subject: string): string {
  return message.startsWith(`${subject}: `) ? message.slice(subject.length + 2) : message
}

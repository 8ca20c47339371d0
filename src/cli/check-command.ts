import { checkStore, type DeviceCheck, type Finding, inspectDevice } from '../sync/check/check-device.ts'
import { checkHouse, checkSolar, isSelected } from '../sync/check/check-house.ts'
import { describeForeignSeries, describeUnownedSeries } from '../sync/session/foreign-series.ts'
import type { Session, SyncContext } from '../sync/session/session.ts'
import type { Target } from '../sync/session/target.ts'
import { explain } from '../runtime/errors.ts'
import type { Config } from '../config/config.ts'
import { proposeHouse } from '../house/propose-house.ts'
import { at } from '../model/at.ts'
import type { ChannelSelector, HouseSettings } from '../model/house-views.ts'
import { dayOf, openTimeZone } from '../model/time-zone.ts'
import { systemClock } from '../runtime/clock.ts'
import { plural } from '../runtime/plural.ts'
import { openHolidays, yearOf } from '../tariff/holidays.ts'
import { checkCircuitRules, checkReceivers } from './check-alerts.ts'
import { checkHost } from './check-host.ts'
import type { Command, CommandRun } from './command.ts'
import { describeHolidays } from './describe-holidays.ts'
import { describePrices } from './describe-prices.ts'
import { ExitCode } from './exit-codes.ts'
import type { CheckFlags } from './flags.ts'
import { readLastWeek, withHours } from './last-week.ts'
import { absentStore } from './open-store.ts'

/** Configuration, store and devices: a line each as soon as it is known, and what to do. */
export const checkCommand: Command<CheckFlags> = async ({ engine, queues, options, output, signal }) => {
  const { config, unseenStore } = engine
  const { devices, house, stateDir } = config
  // Both devices find the same thing wrong with the store.
  const all = new Map<string, Finding>()
  const say = (findings: readonly Finding[]) => {
    for (const finding of findings) {
      const key = JSON.stringify(finding)
      if (!all.has(key) && !options.json) output.print(describeFinding(finding))
      all.set(key, finding)
    }
  }
  const sayOf = (findings: readonly Finding[]) =>
    say(unseenStore === undefined ? findings : findings.filter(({ subject }) => subject !== 'store'))
  say([{ verdict: 'GOOD', subject: 'config', message: `${plural(devices.length, 'device')}, state in ${stateDir}` }])
  if (!options.json) {
    const year = yearOf(dayOf(openTimeZone(house.timezone), systemClock.nowMs()))
    const holidays = describeHolidays(await openHolidays(config.holidays), year, options)
    for (const line of [...describePrices(config.tariffs, options), ...holidays]) output.print(line)
  }
  say(options.warnings.map((message) => ({ verdict: 'WARN', subject: 'config', message })))
  say(await checkHost(config, { isDaemon: engine.daemon !== undefined, signal }))
  say(await checkReceivers(config, { isTest: options.testAlert, nowMs: systemClock.nowMs(), signal }))
  if (unseenStore !== undefined) say([{ verdict: 'WARN', subject: 'store', message: unseenStore }])
  const [first] = queues
  const storeCheck = await first?.readOnly((context) => checkStore(context, signal))
  sayOf(storeCheck?.findings ?? [])
  // A store that did not answer is not asked once more for each device.
  const away = storeCheck?.error && { store: absentStore(storeCheck.error) }
  const checks = await Promise.all(
    queues.map(async (queue) => {
      const check = await queue.readOnly((context) =>
        inspectMore({ ...context, ...away }, { solar: house.solar, signal }),
      )
      sayOf(check.findings)
      return check
    }),
  )
  const sessions = checks.flatMap(({ session }) => session ?? [])
  if (queues.length === devices.length && sessions.length === queues.length) {
    const targets = sessions.flatMap((session) => session.targets)
    say(checkHouse(house, targets))
    say(checkCircuitRules(config, targets))
    if (isUndecided(house, targets)) say(await findMains(queues, sessions, signal))
  }
  const isStoreBad = [...all.values()].some(({ subject, verdict }) => subject === 'store' && verdict === 'BAD')
  if (first && !isStoreBad) sayOf(await first.readOnly((context) => findUnowned(context, config, signal)))
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
  const more = await tried(subject, signal, async () => [
    ...warning(subject, await describeForeignSeries(session, signal)),
    ...(await checkSolar(session, solar, signal)),
  ])
  return { session, findings: [...check.findings, ...more] }
}

/** Whoever says that there are none has said it. */
function isUndecided({ mains }: HouseSettings, targets: readonly Target[]): boolean {
  const isNone = Array.isArray(mains) && mains.length === 0
  return !isNone && !targets.some((target) => isSelected(mains, target))
}

/** `sessions`: those of the queues, in their order. No finding where nothing looks like mains. */
async function findMains(
  queues: CommandRun['queues'],
  sessions: readonly Session[],
  signal: AbortSignal,
): Promise<Finding[]> {
  return tried('config', signal, async () => {
    const devices = await Promise.all(
      queues.map((queue, index) => {
        const { status, targets, listed } = at(sessions, index)
        const channels = wattChannels(targets, listed)
        const names = channels.map(({ name }) => name)
        return queue.readOnly(async ({ device }) => {
          return { channels, week: await readLastWeek(device, { ...status, names }, signal) }
        })
      }),
    )
    const { mains } = proposeHouse(withHours(devices))
    if (!mains) return []
    const list = JSON.stringify(mains.locations)
    const message = `no channel is marked as mains; these look like it: ${mains.locations.join(', ')} (${mains.reason}); to mark them, under house: mains: ${list}; where it is wrong: mains: []`
    return warning('config', message)
  })
}

function wattChannels(targets: readonly Target[], listed: Session['listed']) {
  return targets
    .filter(({ channel }) => channel.unit === 'watts')
    .map(({ channel: { name, location } }) => {
      return { name, location, kind: listed.find((each) => each.name === name)?.kind ?? 'unknown' }
    })
}

async function findUnowned(context: SyncContext, { devices, metric }: Config, signal: AbortSignal): Promise<Finding[]> {
  const channels = devices.flatMap((device) => device.channels ?? [])
  const metrics = [...new Set([metric, ...channels.map((channel) => channel.metric)])]
  const names = devices.map(({ name }) => name)
  return tried('store', signal, async () =>
    warning('store', await describeUnownedSeries(context, { metrics, devices: names }, signal)),
  )
}

/** What fails here has failed before, and was reported, or has nothing to do with whether copying works. */
async function tried(subject: string, signal: AbortSignal, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look()
  } catch (error) {
    signal.throwIfAborted()
    return warning(subject, `not everything was looked at: ${explain(error)}`)
  }
}

function warning(subject: string, message: string | undefined): Finding[] {
  return message === undefined ? [] : [{ verdict: 'WARN', subject, message }]
}

function describeFinding({ verdict, subject, message }: Finding): string {
  const text = message.startsWith(`${subject}: `) ? message.slice(subject.length + 2) : message
  return `${verdict.padEnd(4)}  ${subject}: ${text}`
}

import { testMessage } from '../alerts/open-alerts.ts'
import { sendMessage, titleOf } from '../alerts/send-message.ts'
import type { Config } from '../config/config.ts'
import { nearestName } from '../model/nearest-name.ts'
import { explain } from '../runtime/errors.ts'
import type { Finding } from '../sync/check/check-device.ts'
import type { Target } from '../sync/session/target.ts'
import { revealReceivers } from './reveal-receivers.ts'

const subject = 'alerts'

/** Who is told; `isTest`: each is sent a test, and whether it took it. */
export async function checkReceivers(
  { alerts }: Pick<Config, 'alerts'>,
  { isTest, nowMs, signal }: { readonly isTest: boolean; readonly nowMs: number; readonly signal: AbortSignal },
): Promise<Finding[]> {
  if (!alerts) {
    const message = 'the configuration has no alerts: there is nobody to send a test to; see docs/alerts.md'
    return isTest ? [{ verdict: 'BAD', subject, message }] : []
  }
  const receivers = revealReceivers(alerts.receivers)
  if (!isTest) {
    const message = `${receivers.map(titleOf).join(', ')}; to send each a test: check --test-alert`
    return [{ verdict: 'GOOD', subject, message }]
  }
  return Promise.all(
    receivers.map(async (receiver): Promise<Finding> => {
      try {
        await sendMessage(receiver, testMessage(nowMs), { signal })
        return { verdict: 'GOOD', subject, message: `${titleOf(receiver)} took the test` }
      } catch (error) {
        signal.throwIfAborted()
        return { verdict: 'BAD', subject, message: explain(error) }
      }
    }),
  )
}

/** Circuits of rules that there are not. */
export function checkCircuitRules(
  { alerts, house }: Pick<Config, 'alerts' | 'house'>,
  targets: readonly Target[],
): Finding[] {
  const locations = targets.filter(({ channel }) => channel.unit === 'watts').map(({ channel }) => channel.location)
  const names = [...locations, ...house.groups.map(({ name }) => name)]
  const missing = (alerts?.circuits ?? []).filter(({ circuit }) => !names.includes(circuit))
  return missing.map(({ circuit }) => {
    const nearest = nearestName(circuit, names)
    const meant = nearest === undefined ? '' : `; did you mean ${nearest}?`
    return { verdict: 'WARN', subject, message: `circuits: there is no channel and no group ${circuit}${meant}` }
  })
}

import type { Config } from '../../config/config.ts'
import type { CircuitFacts } from '../../alerts/conditions.ts'
import { minutesToJudge } from '../../alerts/judge-circuit.ts'
import { type Alerts, openAlerts } from '../../alerts/open-alerts.ts'
import type { OpenHouse } from '../../house/open-house.ts'
import type { CircuitRule } from '../../model/alerts.ts'
import type { StoreHealth } from '../../model/daemon.ts'
import { HouseError } from '../../model/house-views.ts'
import { StoreError } from '../../model/store.ts'
import type { Log } from '../../runtime/log.ts'
import { revealReceivers } from '../reveal-receivers.ts'
import type { Deps } from '../open-store.ts'

interface Parts {
  readonly view: OpenHouse
  readonly health: () => StoreHealth
  readonly onChange: () => void
}

/** The alerts of the configuration, about what the house has stored. */
export async function openDaemonAlerts(
  { alerts, devices, stateDir, lookbackMs }: Pick<Config, 'alerts' | 'devices' | 'stateDir' | 'lookbackMs'>,
  { view, health, onChange }: Parts,
  { clock, log }: Pick<Deps, 'clock' | 'log'>,
): Promise<Alerts | undefined> {
  if (!alerts) return undefined
  const minutesOf = askForCircuits(view, log)
  return openAlerts({
    rules: alerts,
    receivers: revealReceivers(alerts.receivers),
    zone: view.zone,
    stateDir,
    clock,
    log,
    onChange,
    async facts(signal) {
      const { state } = health()
      const isCounted = view.sums().state === 'ready'
      const circuits = new Map<CircuitRule, CircuitFacts>()
      for (const rule of alerts.circuits) {
        const found = await minutesOf(rule.circuit, minutesToJudge(rule), signal)
        if (found) circuits.set(rule, found)
      }
      return {
        isStoreFailing: state === 'starting' ? undefined : state === 'failing',
        devices: devices.map(({ name }) => ({
          name,
          storedUntilMs: view.storedUntilMs(name),
          missingMinutes: isCounted ? view.missingMinutes(name, clock.nowMs() - lookbackMs) : undefined,
        })),
        circuits,
      }
    },
  })
}

/** Of a store that does not answer, nothing is known; a name that nothing has is logged once. */
function askForCircuits({ newestMinutes }: OpenHouse, log: Log) {
  const unknown = new Set<string>()
  return async (name: string, minuteCount: number, signal: AbortSignal) => {
    try {
      return await newestMinutes(name, minuteCount, signal)
    } catch (error) {
      if (signal.aborted || error instanceof StoreError) return undefined
      if (!(error instanceof HouseError)) throw error
      if (error.reason === 'unknown' && !unknown.has(name))
        log.warn(`alerts.circuits: ${error.message}; it is not watched; to see what there is: iotawatt-sync channels`)
      if (error.reason === 'unknown') unknown.add(name)
      return undefined
    }
  }
}

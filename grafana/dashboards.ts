import { circuitsDashboard } from './circuits.ts'
import { daemonDashboard } from './daemon.ts'
import { coverageDashboard } from './coverage.ts'
import { energyDashboard } from './energy.ts'
import { houseDashboard } from './house.ts'

/** By the name of their files in deploy/grafana/dashboards. */
export const dashboards = {
  house: houseDashboard,
  energy: energyDashboard,
  circuits: circuitsDashboard,
  coverage: coverageDashboard,
  collector: daemonDashboard,
}

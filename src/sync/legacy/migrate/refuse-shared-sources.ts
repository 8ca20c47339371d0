import { hasLabels, sourceLabels, type DeviceChannel, type SourceTemplate } from './find-sources.ts'
import type { MigrationPlan, PlannedSeries } from './plan-migration.ts'
import { formatLabels } from '../../session/refuse-targets.ts'

/** The plans without the series that could be those of another channel, of any device, as well; `others` are channels that no plan has. */
export function refuseSharedSources(
  plans: readonly MigrationPlan[],
  others: readonly DeviceChannel[],
  template: SourceTemplate,
): MigrationPlan[] {
  const known = plans.flatMap(({ deviceName, channels }) => channels.map((channel) => ({ deviceName, channel })))
  return plans.map((plan) => {
    const shared = plan.series.flatMap((series) => {
      const claims = [...known, ...others].filter((one) => hasLabels(series.source, sourceLabels(template, one)))
      return claims.length > 1 ? [{ series, claims }] : []
    })
    return {
      ...plan,
      series: plan.series.filter((series) => !shared.some((one) => one.series === series)),
      warnings: [...plan.warnings, ...shared.map(({ series, claims }) => describeShared(plan, series, claims))],
      failedChannels: [...plan.failedChannels, ...shared.map(({ series }) => series.target.channel.name)],
    }
  })
}

function describeShared(
  { deviceName }: MigrationPlan,
  { source, target }: PlannedSeries,
  claims: readonly DeviceChannel[],
): string {
  const names = claims.map((one) => `${one.channel.name} of ${one.deviceName}`).join(' and ')
  return (
    `${deviceName}: ${target.channel.name} is not migrated: ${formatLabels(source)} could be ${names}\n` +
    "  to go on: say under migrate: how their series differ, such as labels: { host: '{device}' }; or use a configuration that has only the one it belongs to"
  )
}

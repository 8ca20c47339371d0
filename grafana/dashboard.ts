import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import { WIRING } from './power-queries.ts'

/** Every Grafana reads the classic form from a file; what the kit would rather have is for new ones only. */
// oxlint-disable-next-line typescript/no-deprecated
type ClassicBuilder = dashboard.DashboardBuilder
export type Panel = Parameters<ClassicBuilder['withPanel']>[0]
export type Variable = Parameters<ClassicBuilder['withVariable']>[0]

export interface DashboardOptions {
  readonly title: string
  /** Pinned: links and bookmarks hold it. */
  readonly uid: string
  readonly description: string
  readonly from: string
  readonly variables: readonly Variable[]
  readonly panels: readonly Panel[]
}

export function buildDashboard({ title, uid, description, from, variables, panels }: DashboardOptions) {
  // oxlint-disable-next-line typescript/no-deprecated
  const builder = new dashboard.DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['iotawatt-sync'])
    .time({ from, to: 'now' })
    .refresh('1m')
    .timezone('browser')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .link(
      new dashboard.DashboardLinkBuilder('IoTaWatt')
        .type(dashboard.DashboardLinkType.Dashboards)
        .tags(['iotawatt-sync'])
        .keepTime(true),
    )
    .withVariable(new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
  for (const variable of variables) builder.withVariable(variable)
  for (const [index, panel] of panels.entries())
    builder.withPanel({ build: () => ({ ...panel.build(), id: index + 1 }) })
  return builder.build()
}

const SOURCE = { type: 'prometheus', uid: '${datasource}' }

export const metric = text('metric', { label: 'Metric', value: 'power' })

/** The `house` of the configuration, for the queries. */
export const houseVariables = [
  metric,
  text('mains', { label: 'Mains', value: 'pair="Mains"' }),
  text('solar', { label: 'Solar', value: 'solar="Both"' }),
  new dashboard.CustomVariableBuilder('wiring')
    .label('Solar joins')
    .values(`ahead of the mains : ${WIRING.ahead}, behind the mains : ${WIRING.behind}, no solar : ${WIRING.none}`)
    .current({ text: 'ahead of the mains', value: WIRING.ahead, selected: true }),
]

/** How many devices gave anything in the range: a minute that is missing for one of them has no unmetered rest. */
export const deviceCount = query(
  'devices',
  'query_result(count(count by (device) (last_over_time(${metric}{source="iotawatt"}[$__range]))) or vector(0))',
)
  .hide(dashboard.VariableHide.HideVariable)
  .regex('/ (\\d+) /')

export const devicePicker = several('device', 'label_values(${metric}{source="iotawatt"}, device)')
export const locationPicker = several(
  'location',
  'label_values(${metric}{source="iotawatt",device=~"$device"}, location)',
)

function text(name: string, { label, value }: { label: string; value: string }) {
  return new dashboard.TextBoxVariableBuilder(name)
    .label(label)
    .defaultValue(value)
    .current({ text: value, value, selected: true })
}

function query(name: string, definition: string) {
  return new dashboard.QueryVariableBuilder(name)
    .datasource(SOURCE)
    .query({ query: definition, refId: name })
    .definition(definition)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
}

function several(name: string, definition: string) {
  return query(name, definition)
    .multi(true)
    .includeAll(true)
    .current({ text: ['All'], value: ['$__all'], selected: true })
}

import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus'
import { ALL, WIRING } from './power-queries.ts'

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
  /** How often it asks again. */
  readonly refresh?: string
  readonly variables: readonly Variable[]
  readonly panels: readonly Panel[]
}

export function buildDashboard({ title, uid, description, from, refresh = '1m', variables, panels }: DashboardOptions) {
  // oxlint-disable-next-line typescript/no-deprecated
  const builder = new dashboard.DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['iotawatt-sync'])
    .time({ from, to: 'now' })
    .refresh(refresh)
    // That of Grafana, which its settings make the house's.
    .timezone('')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .link(
      new dashboard.DashboardLinkBuilder('IoTaWatt')
        .type(dashboard.DashboardLinkType.Dashboards)
        .tags(['iotawatt-sync'])
        .keepTime(true),
    )
    .withVariable(new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
  for (const variable of variables) builder.withVariable(variable)
  for (const annotation of annotations(variables.includes(devicePicker))) builder.annotation(annotation)
  for (const [index, panel] of panels.entries())
    builder.withPanel({ build: () => ({ ...panel.build(), id: index + 1 }) })
  return builder.build()
}

const SOURCE = { type: 'prometheus', uid: '${datasource}' }

/** What explains a figure, from the daemon's own metrics: a value above 0 marks its time. */
function annotations(isFiltered: boolean) {
  const ofDevices = `max by (device) (iotawatt_sync_device_up${isFiltered ? '{device=~"$device"}' : ''})`
  return [
    mark('Outages', { title: '{{device}} cannot be copied', expr: `1 - ${ofDevices}`, colour: 'orange' }),
    mark('Store failing', { title: 'The store fails', expr: '1 - min(iotawatt_sync_store_up)', colour: 'red' }),
    mark('Restarts', {
      title: 'iotawatt-sync started',
      expr: '1000 * max(iotawatt_sync_start_time_seconds)',
      colour: 'blue',
    }).useValueForTime(true),
  ]
}

function mark(name: string, { title, expr, colour }: { title: string; expr: string; colour: string }) {
  const query = new prometheus.DataqueryBuilder().refId('Anno').expr(expr).range().interval('60s')
  return new dashboard.AnnotationQueryBuilder()
    .name(name)
    .datasource(SOURCE)
    .enable(true)
    .iconColor(colour)
    .titleFormat(title)
    .expr(expr)
    .step('60s')
    .target(query)
}

export const metric = text('metric', { label: 'Metric', value: 'power' })

export const devicePicker = several('device', 'Device', 'label_values(${metric}{source="iotawatt"}, device)')
export const locationPicker = several(
  'location',
  'Circuit',
  'label_values(${metric}{source="iotawatt",device=~"$device"}, location)',
)

/** The `house` of the configuration, for the queries. */
export const houseVariables = [
  metric,
  devicePicker,
  choice('mains', {
    label: 'Mains',
    choices: {
      'labelled Mains': 'pair="Mains"',
      'named Main…': 'location=~"(?i)main.*"',
      'named Grid…': 'location=~"(?i)grid.*"',
    },
  }),
  choice('solar', {
    label: 'Solar',
    choices: {
      'labelled Both': 'solar="Both"',
      'labelled solar': 'solar!=""',
      'named Solar… or PV…': 'location=~"(?i)(solar|pv).*"',
    },
  }),
  choice('wiring', {
    label: 'Solar joins',
    choices: {
      'ahead of the mains': WIRING.ahead,
      'behind the mains': WIRING.behind,
      'no solar': WIRING.none,
    },
  }),
]

/** How many devices gave anything in the range: a minute that is missing for one of them has no unmetered rest. */
export const deviceCount = query(
  'devices',
  `query_result(count(count by (device) (last_over_time(${ALL}[$__range]))) or vector(0))`,
)
  .hide(dashboard.VariableHide.HideVariable)
  .regex('/ (\\d+) /')

function text(name: string, { label, value }: { label: string; value: string }) {
  return new dashboard.TextBoxVariableBuilder(name)
    .label(label)
    .defaultValue(value)
    .current({ text: value, value, selected: true })
}

/** The first is what a dashboard opens with; whoever needs another matcher can type it. */
function choice(name: string, { label, choices }: { label: string; choices: Readonly<Record<string, string>> }) {
  const [first] = Object.entries(choices)
  return new dashboard.CustomVariableBuilder(name)
    .label(label)
    .values(
      Object.entries(choices)
        .map((each) => each.join(' : '))
        .join(', '),
    )
    .current({ text: first?.[0] ?? '', value: first?.[1] ?? '', selected: true })
}

function query(name: string, definition: string) {
  return new dashboard.QueryVariableBuilder(name)
    .datasource(SOURCE)
    .query({ query: definition, refId: name })
    .definition(definition)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
}

function several(name: string, label: string, definition: string) {
  return query(name, definition)
    .label(label)
    .multi(true)
    .includeAll(true)
    .current({ text: ['All'], value: ['$__all'], selected: true })
}

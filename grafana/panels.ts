import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge'
import * as common from '@grafana/grafana-foundation-sdk/common'
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus'
import * as stat from '@grafana/grafana-foundation-sdk/stat'
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline'
import * as table from '@grafana/grafana-foundation-sdk/table'
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'

/** Names of the lanes to their queries; `{{location}}` in a name stands for the label. */
export type Lanes = Readonly<Record<string, string>>

export interface PanelOptions {
  readonly title: string
  readonly unit: string
  readonly lanes: Lanes
  readonly description?: string
  /** Of 24 columns. */
  readonly width?: number
  readonly height?: number
  readonly decimals?: number
  /** Lane to colour. */
  readonly colours?: Readonly<Record<string, string>>
  /** From which value on it has which colour; the first is the one below all. */
  readonly thresholds?: Thresholds
  /** A lane of circuits: each leads to its own panel. */
  readonly linked?: string
}

type Thresholds = readonly (readonly [fromValue: number | null, colour: string])[]

const GREY = '#7a7a7a'
/** In seconds: with the usual interval of 5 minutes; from 15 on, `/readyz` answers 503. */
export const LATE: Thresholds = [
  [null, 'green'],
  [600, 'orange'],
  [900, 'red'],
]
export const ANY_IS_BAD: Thresholds = [
  [null, GREY],
  [1, 'orange'],
  [60, 'red'],
]
export const ALL_IS_WELL: Thresholds = [
  [null, 'red'],
  [1, 'green'],
]

export interface ChartOptions extends PanelOptions {
  readonly stacked?: boolean
  /** One bar a day; else a line. */
  readonly daily?: boolean
  /** Lanes that are drawn below zero. */
  readonly below?: readonly string[]
}

export const COLOURS = { solar: '#d9a400', fromGrid: '#3274d9', toGrid: '#2e9e7e', house: '#8e8e8e', bad: 'red' }
const SOURCE = { type: 'prometheus', uid: '${datasource}' }

/** A gap stays a gap: nothing is drawn over it. */
export function chart(options: ChartOptions) {
  const { stacked = false, daily = false, below = [] } = options
  const panel = framed(new timeseries.PanelBuilder(), options)
    .drawStyle(daily ? common.GraphDrawStyle.Bars : common.GraphDrawStyle.Line)
    .lineInterpolation(common.LineInterpolation.StepBefore)
    .lineWidth(1)
    .fillOpacity(stacked || daily ? 70 : 5)
    .barAlignment(common.BarAlignment.After)
    .showPoints(common.VisibilityMode.Never)
    .spanNulls(false)
    .stacking(
      new common.StackingConfigBuilder()
        .mode(stacked ? common.StackingMode.Normal : common.StackingMode.None)
        .group('A'),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    )
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    )
  if (options.thresholds)
    panel.thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed))
  for (const lane of below) panel.overrideByName(lane, [{ id: 'custom.transform', value: 'negative-Y' }])
  for (const query of queries(options.lanes, () => new prometheus.DataqueryBuilder().range()))
    panel.withTarget(query.interval(daily ? '1d' : '1m'))
  return panel
}

/** Figures of the end of the range, side by side. */
export function figures(options: PanelOptions) {
  const panel = framed(new stat.PanelBuilder(), { height: 4, ...options })
    .graphMode(common.BigValueGraphMode.None)
    .colorMode(common.BigValueColorMode.Value)
    .noValue('–')
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
  for (const query of queries(options.lanes, () => new prometheus.DataqueryBuilder().instant())) panel.withTarget(query)
  return panel
}

/** A bar for each series, largest first. */
export function ranking(options: PanelOptions) {
  const panel = framed(new bargauge.PanelBuilder(), options)
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .showUnfilled(false)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
    .min(0)
  for (const query of queries(options.lanes, () => new prometheus.DataqueryBuilder().instant())) panel.withTarget(query)
  return panel
}

export interface ColumnsOptions extends Omit<PanelOptions, 'unit'> {
  /** Column to unit. */
  readonly units: Readonly<Record<string, string>>
}

/** A row for each set of labels, a column for each lane; a circuit leads to its own panel. */
export function columns(options: ColumnsOptions) {
  const names = Object.keys(options.lanes)
  const panel = framed(new table.PanelBuilder(), { ...options, unit: 'short' })
    .overrideByName('location', [
      {
        id: 'links',
        value: [linkToCircuit('${__value.raw:percentencode}', '${__data.fields.device:percentencode}')],
      },
    ])
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true, __name__: true, source: true, instance: true, job: true },
        renameByName: Object.fromEntries(names.map((name, index) => [`Value #${refId(index)}`, name])),
      },
    })
  for (const [name, unit] of Object.entries(options.units)) panel.overrideByName(name, [{ id: 'unit', value: unit }])
  for (const query of queries(options.lanes, () => new prometheus.DataqueryBuilder().instant()))
    panel.withTarget(query.format(prometheus.PromQueryFormat.Table))
  return panel
}

/** Share of what should be there, a lane for each series. */
export function stripes(options: PanelOptions) {
  const thresholds: Thresholds = [
    [null, 'red'],
    [0.0001, 'orange'],
    [1, GREY],
  ]
  const panel = framed(new statetimeline.PanelBuilder(), { ...options, thresholds })
    .mergeValues(true)
    .showValue(common.VisibilityMode.Never)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    )
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Thresholds))
  for (const query of queries(options.lanes, () => new prometheus.DataqueryBuilder().range()))
    panel.withTarget(query.interval('1m'))
  return panel
}

interface Frame<P> {
  title(title: string): P
  description(text: string): P
  datasource(source: typeof SOURCE): P
  unit(unit: string): P
  decimals(count: number): P
  span(columns: number): P
  height(rows: number): P
  overrideByName(name: string, properties: { id: string; value?: unknown }[]): P
  overrideByQuery(queryRefId: string, properties: { id: string; value?: unknown }[]): P
  thresholds(thresholds: dashboard.ThresholdsConfigBuilder): P
}

function framed<P extends Frame<P>>(panel: P, options: PanelOptions): P {
  const {
    title,
    unit,
    lanes,
    description,
    width = 24,
    height = 9,
    decimals,
    colours = {},
    thresholds,
    linked,
  } = options
  panel.title(title).datasource(SOURCE).unit(unit).span(width).height(height)
  if (description !== undefined) panel.description(description)
  if (decimals !== undefined) panel.decimals(decimals)
  for (const [lane, fixedColor] of Object.entries(colours))
    panel.overrideByName(lane, [{ id: 'color', value: { mode: 'fixed', fixedColor } }])
  if (thresholds)
    panel.thresholds(
      new dashboard.ThresholdsConfigBuilder()
        .mode(dashboard.ThresholdsMode.Absolute)
        .steps(thresholds.map(([value, color]) => ({ value, color }))),
    )
  if (linked !== undefined)
    panel.overrideByQuery(refId(Object.keys(lanes).indexOf(linked)), [
      {
        id: 'links',
        value: [linkToCircuit('${__field.labels.location:percentencode}', '${__field.labels.device:percentencode}')],
      },
    ])
  return panel
}

function queries(lanes: Lanes, open: () => prometheus.DataqueryBuilder): prometheus.DataqueryBuilder[] {
  return Object.entries(lanes).map(([name, expr], index) =>
    open().refId(refId(index)).datasource(SOURCE).expr(expr).legendFormat(name),
  )
}

/** The dashboard Circuits with this one alone, at the same time and of the same store. */
function linkToCircuit(location: string, device: string) {
  const same = '${__url_time_range}&${datasource:queryparam}&${metric:queryparam}'
  return {
    title: 'Show this circuit alone',
    url: `/d/iotawatt-circuits?${same}&var-device=${device}&var-location=${location}`,
  }
}

const refId = (index: number) => String.fromCodePoint(65 + index)

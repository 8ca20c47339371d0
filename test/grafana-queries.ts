import { readdirSync, readFileSync } from 'node:fs'

/** What of a dashboard's file its queries need. */
export interface DashboardFile {
  readonly uid: string
  readonly title: string
  readonly panels: readonly PanelFile[]
  readonly templating: { readonly list: readonly VariableFile[] }
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] }
}

interface PanelFile {
  readonly id: number
  readonly title: string
  readonly targets: readonly TargetFile[]
}

interface TargetFile {
  readonly expr: string
  readonly legendFormat: string
  readonly instant?: boolean
  readonly interval?: string
}

interface VariableFile {
  readonly name: string
  readonly type: string
  readonly query?: string | { readonly query: string }
  readonly regex?: string
  readonly includeAll?: boolean
  readonly current?: { readonly value?: string | readonly string[] }
}

const FOLDER = new URL('../deploy/grafana/dashboards/', import.meta.url)

export const dashboardFiles: ReadonlyMap<string, DashboardFile> = new Map(
  readdirSync(FOLDER).map((name) => [
    name.replace('.json', ''),
    JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')),
  ]),
)

export interface Span {
  readonly fromS: number
  readonly untilS: number
  /** What Grafana would choose from the width of the panel. */
  readonly intervalS: number
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly values: readonly (readonly [atS: number, value: number])[]
}

/** Asks what Grafana asks for one query of a panel. */
export async function askPanel(url: string, { expr, instant, interval }: TargetFile, { span, variables }: AskOptions) {
  const stepS = Math.max(span.intervalS, interval === '1d' ? 86_400 : 60)
  const query = interpolate(expr, { ...variables, ...timeVariables(span, stepS) })
  if (instant === true) return ask(url, 'query', { query, time: span.untilS })
  const align = (atS: number) => Math.floor(atS / stepS) * stepS
  return ask(url, 'query_range', { query, start: align(span.fromS), end: align(span.untilS), step: stepS })
}

interface AskOptions {
  readonly span: Span
  readonly variables: Variables
}

type Variables = Readonly<Record<string, string>>

/** The value of each variable, as Grafana finds it when the dashboard opens. */
export async function openVariables(url: string, { templating }: DashboardFile, span: Span): Promise<Variables> {
  const values: Record<string, string> = {}
  for (const variable of templating.list) {
    const { name, type, current, query } = variable
    if (type === 'query' && typeof query === 'object') {
      const text = interpolate(query.query, { ...values, ...timeVariables(span, 60) })
      values[name] = await askVariable(url, text, { ...variable, span })
    } else if (type !== 'datasource') values[name] = String(current?.value)
  }
  return values
}

async function askVariable(url: string, text: string, { regex, span }: VariableFile & { span: Span }): Promise<string> {
  const [, expr] = /^query_result\((.*)\)$/.exec(text) ?? []
  if (expr !== undefined) {
    const [series] = await ask(url, 'query', { query: expr, time: span.untilS })
    const shown = `{} ${series?.values[0]?.[1]} ${span.untilS * 1000}`
    return new RegExp((regex ?? '').slice(1, -1)).exec(shown)?.[1] ?? ''
  }
  const [, match = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(text) ?? []
  const found = await fetchJson(
    `${url}/api/v1/label/${label}/values?${new URLSearchParams({ 'match[]': match, start: `${span.fromS}`, end: `${span.untilS}` })}`,
  )
  return (found as string[]).join('|')
}

function timeVariables({ fromS, untilS }: Span, stepS: number): Variables {
  return {
    __range: `${untilS - fromS}s`,
    __range_s: `${untilS - fromS}`,
    __interval: `${stepS}s`,
    __interval_ms: `${stepS * 1000}`,
    __rate_interval: `${Math.max(stepS + 60, 240)}s`,
  }
}

function interpolate(text: string, values: Variables): string {
  return text.replace(/\$\{(\w+)(?::raw)?\}|\$(\w+)/g, (found, braced?: string, bare?: string) => {
    const value = values[braced ?? bare ?? '']
    if (value === undefined) throw new Error(`${found} has no value in ${text}`)
    return value
  })
}

/** Writes lines, so that they are seen at once. */
export async function importLines(url: string, body: string): Promise<void> {
  const answer = await fetch(`${url}/api/v1/import`, { method: 'POST', body })
  if (answer.status !== 204) throw new Error(`${answer.status} ${await answer.text()}`)
  await fetch(`${url}/internal/force_flush`)
}

export async function ask(
  url: string,
  path: 'query' | 'query_range',
  parameters: Record<string, string | number>,
): Promise<Series[]> {
  const text = new URLSearchParams({ ...parameters, nocache: 1 } as never)
  const { result } = (await fetchJson(`${url}/api/v1/${path}`, text)) as {
    result: { metric: Record<string, string>; value?: [number, string]; values?: [number, string][] }[]
  }
  return result.map(({ metric, value, values }) => ({
    metric,
    values: (values ?? (value ? [value] : [])).map(([atS, text]) => [atS, Number(text)] as const),
  }))
}

async function fetchJson(url: string, body?: URLSearchParams): Promise<unknown> {
  const answer = await fetch(url, body ? { method: 'POST', body } : {})
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${answer.status} ${text}`)
  return (JSON.parse(text) as { data: unknown }).data
}

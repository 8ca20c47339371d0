import type { JSX } from 'preact'
import type { DeviceState, Status, Timeline as TimelineAnswer } from '../api/answers.ts'
import { readRuns, STATE, type Run } from '../chart/runs.ts'
import { Rule } from '../chart/lines.tsx'
import { timeMarks } from '../chart/axes.ts'
import { MINUTE_MS } from '../text/house-time.ts'
import { count } from '../text/number.ts'
import { ageText, type Formatter } from '../text/time.ts'
import { Glyph } from './glyph.tsx'
import { Link } from './link.tsx'
import { isWaitingForStore } from './note.ts'

interface TimelineProps {
  readonly timeline: TimelineAnswer | undefined
  readonly status: Status | undefined
  readonly formatter: Formatter | undefined
  readonly nowMs: number
  readonly widthPx: number
}

const LANE_PX = 10
const TOP_PX = 6
const RIGHT_PX = 6
const MARK_EVERY_PX = 180

/** One pixel is one minute, one lane is one device: whether all of it can be trusted, and how old it is. */
export function Timeline(props: TimelineProps): JSX.Element {
  const { timeline, status, formatter, nowMs, widthPx } = props
  const laneCount = timeline?.lanes.length ?? status?.devices.length ?? 2
  const bottom = TOP_PX + laneCount * LANE_PX + 2
  return (
    <div class="timeline">
      <svg
        width={widthPx}
        height={bottom + 14}
        viewBox={`0 0 ${widthPx} ${bottom + 14}`}
        role="img"
        aria-label={describe(props)}
      >
        {timeline?.lanes.map(({ device, runs }, index) => (
          <Lane
            key={device}
            runs={readRuns(runs)}
            y={TOP_PX + index * LANE_PX}
            x={(minute) => xOf(timeline.fromMs + minute * MINUTE_MS, nowMs, widthPx)}
            lateFromX={lateFrom(
              status?.devices.find(({ name }) => name === device),
              nowMs,
              widthPx,
            )}
            nowX={widthPx - RIGHT_PX}
          />
        ))}
        {formatter && <Marks nowMs={nowMs} widthPx={widthPx} y={bottom} formatter={formatter} />}
        <Rule x1={widthPx - RIGHT_PX} y1={2} x2={widthPx - RIGHT_PX} y2={bottom} tone="ink" width={2} />
        <text x={widthPx - 5} y={bottom + 11} class="m" text-anchor="end">
          now
        </text>
      </svg>
      <TimelineText {...props} />
    </div>
  )
}

const xOf = (ms: number, nowMs: number, widthPx: number): number =>
  Math.round(widthPx - RIGHT_PX - (Math.floor(nowMs / MINUTE_MS) * MINUTE_MS - ms) / MINUTE_MS)

/** Where a lane is hollow because its device fails. */
function lateFrom(device: DeviceState | undefined, nowMs: number, widthPx: number): number | undefined {
  if (device?.state !== 'failing' || device.storedUntilMs === undefined) return undefined
  return xOf(device.storedUntilMs, nowMs, widthPx)
}

interface LaneProps {
  readonly runs: readonly Run[]
  readonly y: number
  readonly x: (minute: number) => number
  readonly lateFromX: number | undefined
  readonly nowX: number
}

function Lane({ runs, y, x, lateFromX, nowX }: LaneProps): JSX.Element {
  return (
    <>
      {runs.map(({ state, from, until }) => {
        const left = Math.max(0, x(from))
        const width = Math.max(state === STATE.missing ? 3 : 0, x(until) - left)
        if (width <= 0) return null
        if (state === STATE.missing)
          return (
            <rect
              key={from}
              x={left}
              y={y - 1.5}
              width={width}
              height={10}
              fill="none"
              stroke="var(--missing)"
              stroke-width={1.5}
            />
          )
        if (state === STATE.unmeasured)
          return <Rule key={from} x1={left} y1={y + 3.5} x2={left + width} y2={y + 3.5} tone="edge" />
        const fill = laneFill(state)
        return fill === undefined ? null : <rect key={from} x={left} y={y} width={width} height={7} fill={fill} />
      })}
      {lateFromX !== undefined && (
        <rect
          x={Math.max(0, lateFromX) + 0.5}
          y={y + 0.5}
          width={Math.max(0, nowX - lateFromX)}
          height={6}
          fill="none"
          stroke="var(--edge)"
        />
      )}
    </>
  )
}

function laneFill(state: number): string | undefined {
  if (state === STATE.stored) return 'var(--stored)'
  if (state === STATE.legacy) return 'url(#legacy)'
  return state === STATE.notLoaded ? 'url(#toload)' : undefined
}

function Marks({
  nowMs,
  widthPx,
  y,
  formatter,
}: {
  nowMs: number
  widthPx: number
  y: number
  formatter: Formatter
}): JSX.Element {
  const span = { fromMs: nowMs - (widthPx - RIGHT_PX) * MINUTE_MS, untilMs: nowMs }
  const hours = timeMarks(span, formatter.time, widthPx / 59)
  const named = timeMarks(span, formatter.time, widthPx / MARK_EVERY_PX)
  const x = (ms: number) => xOf(ms, nowMs, widthPx)
  return (
    <>
      {hours.map(({ ms }) => (
        <Rule key={ms} x1={x(ms)} y1={y} x2={x(ms)} y2={y + 3} tone="edge" />
      ))}
      {named
        .filter(({ ms }) => x(ms) > 2 && x(ms) < widthPx - 60)
        .map(({ ms, text }) => (
          <g key={ms}>
            <Rule x1={x(ms)} y1={y} x2={x(ms)} y2={y + 6} tone="edge" />
            <text x={x(ms) + 4} y={y + 11}>
              {text}
            </text>
          </g>
        ))}
    </>
  )
}

function TimelineText({ timeline, status, formatter, nowMs, widthPx }: TimelineProps): JSX.Element {
  const storedUntil = (status?.devices ?? []).flatMap(({ storedUntilMs }) => storedUntilMs ?? [])
  const dataMs = storedUntil.length > 0 ? Math.min(...storedUntil) : undefined
  const nextCycle = (status?.devices ?? []).flatMap(({ nextPassMs }) => nextPassMs ?? [])
  const isMissing = timeline?.lanes.some(({ missingMinutes }) => missingMinutes > 0) ?? false
  const isStale = dataMs !== undefined && status !== undefined && nowMs - dataMs > status.maxAgeMs
  return (
    <div class="timeline-text">
      {(timeline?.lanes ?? []).map(({ device, missingMinutes, missingFromMs }) => (
        <span key={device}>
          <b>{device}</b> {missingMinutes === 0 || isFailing(device, status) ? completeText(device, status) : ''}
          {missingMinutes > 0 && (
            <span class="flag bad">
              {isFailing(device, status) ? ', ' : <Glyph mark="bad" />}
              {missingMinutes} min missing
              {missingFromMs !== undefined && formatter ? ` from ${formatter.when(missingFromMs)}` : ''}
            </span>
          )}
        </span>
      ))}
      {timeline === undefined && <span>–</span>}
      {isMissing && <Link view="coverage">Repair</Link>}
      <span class="end">
        {dataMs === undefined || formatter === undefined ? (
          <>data to –</>
        ) : (
          <span class={isStale ? 'flag warn' : ''}>
            {isStale && <Glyph mark="warn" />}
            data to <b>{formatter.when(dataMs)}</b>, {ageText(nowMs - dataMs)} old
          </span>
        )}
        <span class="wide-text">
          {formatter && nextCycle.length > 0 ? `; next sync ${formatter.at(Math.min(...nextCycle))}` : ''}
          {widthPx > 0 ? '; one pixel is one minute' : ''}
        </span>
      </span>
    </div>
  )
}

const deviceOf = (name: string, status: Status | undefined): DeviceState | undefined =>
  status?.devices.find((device) => device.name === name)

const isFailing = (name: string, status: Status | undefined): boolean => deviceOf(name, status)?.state === 'failing'

function completeText(name: string, status: Status | undefined): JSX.Element | string {
  const device = deviceOf(name, status)
  if (device?.state !== 'failing') return device?.storedUntilMs === undefined ? 'nothing stored yet' : 'complete'
  const isWaiting = status !== undefined && isWaitingForStore(device, status.store)
  return (
    <span class={`flag ${isWaiting ? 'warn' : 'bad'}`}>
      <Glyph mark={isWaiting ? 'warn' : 'bad'} />
      {isWaiting ? 'waits for the store' : 'fails'}
    </span>
  )
}

function describe({ timeline, formatter, widthPx }: TimelineProps): string {
  const lanes = (timeline?.lanes ?? []).map(({ device, missingMinutes, missingFromMs }) => {
    if (missingMinutes === 0) return `${device} complete`
    const from = missingFromMs !== undefined && formatter ? ` from ${formatter.when(missingFromMs)}` : ''
    return `${device}: ${count(missingMinutes, 'minute')} missing${from}`
  })
  return `Stored minutes of the last ${(widthPx / 60).toFixed(1)} hours, one pixel per minute. ${lanes.join(', ')}.`
}

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { DeviceState, Status, Timeline as TimelineAnswer } from '../api/answers.ts'
import { Rule } from '../chart/lines.tsx'
import { timeMarks } from '../chart/axes.ts'
import { readRuns, STATE } from '../chart/runs.ts'
import { stateFill } from '../coverage/cell-box.tsx'
import { MINUTE_MS, type HouseTime } from '../text/house-time.ts'
import { grouped } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { ageText, type Formatter } from '../text/time.ts'
import { Flag, Glyph } from './glyph.tsx'
import { Link } from './link.tsx'
import { isWaitingForStore } from './note.ts'

interface TimelineProps {
  readonly timeline: TimelineAnswer | undefined
  readonly status: Status | undefined
  readonly formatter: Formatter | undefined
  readonly nowMs: number
  readonly widthPx: number
  /** Whether it is what the view is about. */
  readonly isAsked: boolean
}

type DeviceLane = TimelineAnswer['lanes'][number]

const LANE_PX = 10
const TOP_PX = 6
const MOST_LANES = 20
const RIGHT_PX = 6
const HOUR_PX = 59
const MARK_EVERY_PX = 180

/** Whether all of it can be trusted, and how old it is: in one line while nothing is wrong. */
export function Timeline(props: TimelineProps): JSX.Element {
  const { status, formatter, isAsked } = props
  const [isUnfolded, setIsUnfolded] = useState(false)
  if (isAsked || isTroubled(props)) return <Lanes {...props} />
  const dataMs = storedUntil(status)
  const isComplete = status?.devices.every(({ history }) => history.state === 'done') ?? false
  return (
    <>
      {isUnfolded && <Lanes {...props} />}
      <div class="timeline timeline-text">
        {!isUnfolded && dataMs !== undefined && formatter && (
          <span>{(isComplete ? texts.timeline.allIn : texts.timeline.newest)(formatter.when(dataMs))}</span>
        )}
        <button class="fold end" aria-expanded={isUnfolded} onClick={() => setIsUnfolded(!isUnfolded)}>
          {texts.timeline.title}
        </button>
      </div>
    </>
  )
}

/** Nothing is known before there is a status. */
function isTroubled({ status, timeline, nowMs }: TimelineProps): boolean {
  if (status === undefined) return false
  const dataMs = storedUntil(status)
  return (
    status.store.state === 'failing' ||
    (timeline?.lanes ?? status.devices).some(({ missingMinutes = 0 }) => missingMinutes > 0) ||
    status.devices.some(({ state, storedUntilMs }) => state === 'failing' || storedUntilMs === undefined) ||
    (dataMs !== undefined && nowMs - dataMs > status.maxAgeMs)
  )
}

/** The end of the newest minute that every device has. */
const storedUntil = (status: Status | undefined): number | undefined =>
  least((status?.devices ?? []).flatMap(({ storedUntilMs }) => storedUntilMs ?? []))

/** One pixel is one minute, one lane is one device. */
function Lanes(props: TimelineProps): JSX.Element {
  const { status, formatter, nowMs, widthPx } = props
  const timeline = props.timeline && { ...props.timeline, lanes: worstLanes(props.timeline.lanes, status) }
  const laneCount = timeline?.lanes.length ?? Math.min(status?.devices.length ?? 2, MOST_LANES)
  const bottom = TOP_PX + laneCount * LANE_PX + 2
  const nowX = widthPx - RIGHT_PX
  const x = (ms: number) => Math.round(nowX - (Math.floor(nowMs / MINUTE_MS) * MINUTE_MS - ms) / MINUTE_MS)
  return (
    <div class="timeline">
      <svg
        width={widthPx}
        height={bottom + 14}
        viewBox={`0 0 ${widthPx} ${bottom + 14}`}
        role="img"
        aria-label={describe({ ...props, timeline })}
      >
        {timeline?.lanes.map((lane, index) => (
          <Lane
            key={lane.device}
            lane={lane}
            device={deviceOf(lane, status)}
            fromMs={timeline.fromMs}
            x={x}
            y={TOP_PX + index * LANE_PX}
            nowX={nowX}
          />
        ))}
        {formatter && <Marks nowMs={nowMs} widthPx={widthPx} x={x} y={bottom} time={formatter.time} />}
        <Rule x1={nowX} y1={2} x2={nowX} y2={bottom} tone="ink" width={2} />
        <text x={widthPx - 5} y={bottom + 11} class="m" text-anchor="end">
          {texts.timeline.now}
        </text>
      </svg>
      <TimelineText {...props} timeline={timeline} />
    </div>
  )
}

/** Of more devices than fit, those with missing minutes and those that fail. */
function worstLanes(lanes: readonly DeviceLane[], status: Status | undefined): readonly DeviceLane[] {
  if (lanes.length <= MOST_LANES) return lanes
  const failing = new Set(status?.devices.flatMap(({ name, state }) => (state === 'failing' ? name : [])))
  const isBad = (lane: DeviceLane) => lane.missingMinutes > 0 || failing.has(lane.device)
  return lanes.toSorted((one, other) => Number(isBad(other)) - Number(isBad(one))).slice(0, MOST_LANES)
}

const deviceOf = ({ device }: DeviceLane, status: Status | undefined): DeviceState | undefined =>
  status?.devices.find(({ name }) => name === device)

interface LaneProps {
  readonly lane: DeviceLane
  readonly device: DeviceState | undefined
  readonly fromMs: number
  readonly x: (ms: number) => number
  readonly y: number
  readonly nowX: number
}

/** Hollow from where a device that fails was last heard of. */
function Lane({ lane, device, fromMs, x, y, nowX }: LaneProps): JSX.Element {
  const lateX = device?.state === 'failing' && device.storedUntilMs !== undefined ? x(device.storedUntilMs) : undefined
  return (
    <>
      {readRuns(lane.runs).map(({ state, from, until }) => {
        const isMissing = state === STATE.missing
        const left = Math.max(0, x(fromMs + from * MINUTE_MS))
        const width = Math.max(isMissing ? 3 : 0, x(fromMs + until * MINUTE_MS) - left)
        if (width <= 0) return null
        if (isMissing)
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
        const fill = stateFill(state)
        return fill && <rect key={from} x={left} y={y} width={width} height={7} fill={fill} />
      })}
      {lateX !== undefined && (
        <rect
          x={Math.max(0, lateX) + 0.5}
          y={y + 0.5}
          width={Math.max(0, nowX - lateX)}
          height={6}
          fill="none"
          stroke="var(--edge)"
        />
      )}
    </>
  )
}

interface MarksProps {
  readonly nowMs: number
  readonly widthPx: number
  readonly x: (ms: number) => number
  readonly y: number
  readonly time: HouseTime
}

function Marks({ nowMs, widthPx, x, y, time }: MarksProps): JSX.Element {
  const span = { fromMs: nowMs - (widthPx - RIGHT_PX) * MINUTE_MS, untilMs: nowMs }
  const named = timeMarks(span, time, widthPx / MARK_EVERY_PX)
  return (
    <>
      {timeMarks(span, time, widthPx / HOUR_PX).map(({ ms }) => (
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
  const devices = status?.devices ?? []
  const dataMs = storedUntil(status)
  const nextMs = least(devices.flatMap(({ nextPassMs }) => nextPassMs ?? []))
  const isStale = dataMs !== undefined && status !== undefined && nowMs - dataMs > status.maxAgeMs
  return (
    <div class="timeline-text">
      {timeline?.lanes.map((lane) => (
        <LaneText key={lane.device} lane={lane} status={status} formatter={formatter} />
      ))}
      {timeline === undefined && <span>–</span>}
      {timeline?.lanes.some(({ missingMinutes }) => missingMinutes > 0) && <Link view="coverage">{texts.repair}</Link>}
      <span class="end">
        {dataMs === undefined || formatter === undefined ? (
          <>{texts.timeline.dataTo} –</>
        ) : (
          <span class={isStale ? 'flag warn' : ''}>
            {isStale && <Glyph mark="warn" />}
            {texts.timeline.dataTo} <b>{formatter.when(dataMs)}</b>
            {texts.timeline.old(ageText(nowMs - dataMs))}
          </span>
        )}
        <span class="wide-text">
          {formatter && nextMs !== undefined ? texts.timeline.nextSync(formatter.at(nextMs)) : ''}
          {widthPx > 0 ? texts.timeline.onePixel : ''}
        </span>
      </span>
    </div>
  )
}

const least = (values: readonly number[]): number | undefined => (values.length > 0 ? Math.min(...values) : undefined)

type LaneTextProps = Pick<TimelineProps, 'status' | 'formatter'> & { readonly lane: DeviceLane }

function LaneText({ lane, status, formatter }: LaneTextProps): JSX.Element {
  const device = deviceOf(lane, status)
  const isFailing = device?.state === 'failing'
  const isWaiting = device !== undefined && status !== undefined && isWaitingForStore(device, status.store)
  const isMissing = lane.missingMinutes > 0
  return (
    <span>
      <b>{lane.device}</b>{' '}
      {isFailing && (
        <Flag mark={isWaiting ? 'warn' : 'bad'}>{isWaiting ? texts.timeline.waitsForStore : texts.timeline.fails}</Flag>
      )}
      {!isFailing &&
        !isMissing &&
        (device?.storedUntilMs === undefined ? texts.nothingStoredYet : texts.timeline.complete)}
      {isMissing && (
        <span class="flag bad">
          {isFailing ? ', ' : <Glyph mark="bad" />}
          {texts.missing(String(lane.missingMinutes))}
          {missingFrom(lane, formatter)}
        </span>
      )}
    </span>
  )
}

const missingFrom = ({ missingFromMs }: DeviceLane, formatter: Formatter | undefined): string =>
  missingFromMs !== undefined && formatter ? texts.timeline.from(formatter.when(missingFromMs)) : ''

function describe({ timeline, formatter, widthPx }: TimelineProps): string {
  const lanes = timeline?.lanes.map((lane) =>
    lane.missingMinutes === 0
      ? texts.timeline.laneComplete(lane.device)
      : texts.timeline.laneMissing(lane.device, lane.missingMinutes, missingFrom(lane, formatter)),
  )
  const text = lanes?.join(', ') ?? ''
  return texts.timeline.describe(grouped(widthPx / 60, 1), text)
}

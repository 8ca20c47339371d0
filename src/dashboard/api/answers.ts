import shapes from './answer-shapes.json'
import type { Answers, Events } from '../../api/operations.ts'

export type { ChannelCoverage, Coverage, DayCoverage, DeviceDays, Gap } from '../../api/coverage.ts'
export type { DeviceDetail, Devices, DeviceState, Failure, Job, LoggedEvent, Status } from '../../api/daemon.ts'
export type { Compared, Consumer, Consumers, Energy, EnergySums, Hours, HoursOfDay } from '../../api/energy.ts'
export type { House, Live as LiveReadings, Now, Power, Timeline } from '../../api/house.ts'
export type { Bills, BillView, Costs, CostSums, Tariffs, TypicalPrices } from '../../api/money.ts'
export type { HouseFile, MoneyFile, Setup, SetupPreview } from '../../api/setup.ts'
export type { Column, HouseColumns, HouseNumbers, Span } from '../../api/values.ts'

/** A check of what the server answered. By shapes made of the API's schemas: their library would be a third of the page. */
export type Is<T> = (value: unknown) => value is T

export const isProblem = isAnswer('problem')
export const isStatus = isAnswer('status')
export const isHouse = isAnswer('house')
export const isTimeline = isAnswer('tape')
export const isNow = isAnswer('now')
export const isPower = isAnswer('power')
export const isEnergy = isAnswer('energy')
export const isConsumers = isAnswer('consumers')
export const isHours = isAnswer('hours')
export const isTariffs = isAnswer('tariffs')
export const isBills = isAnswer('bills')
export const isCosts = isAnswer('costs')
export const isCoverage = isAnswer('coverage')
export const isChannelCoverage = isAnswer('channelCoverage')
export const isDayCoverage = isAnswer('dayCoverage')
export const isDevices = isAnswer('devices')
export const isRecentEvents = isAnswer('recentEvents')
export const isJobs = isAnswer('jobs')
export const isJob = isAnswer('job')
export const isSetup = isAnswer('setup')
export const isSetupPreview = isAnswer('previewSetup')
export const isSetupSaved = isAnswer('saveSetup')

export const isCycle = isEvent('pass')
export const isDeviceWindow = isEvent('coverage')
export const isNewEvent = isEvent('event')
export const isLiveReadings = isEvent('live')

export function isAnswer<Name extends keyof Answers & keyof typeof shapes.answers>(name: Name): Is<Answers[Name]> {
  return (value): value is Answers[Name] => matches(shapes.answers[name], value)
}

export function isEvent<Name extends keyof Events>(name: Name): Is<Events[Name]> {
  return (value): value is Events[Name] => matches(shapes.events[name], value)
}

/** As `src/api/openapi.ts` writes it. */
type Shape = string | readonly Shape[] | { readonly [field: string]: Shape }

const NAMED = new Map<string, Shape>(Object.entries(shapes.named))

function matches(shape: Shape, value: unknown): boolean {
  if (typeof shape === 'string') {
    const named = NAMED.get(shape)
    return named === undefined ? (value === null ? 'null' : typeof value) === shape : matches(named, value)
  }
  if (!isList(shape))
    return isObject(value) && Object.entries(shape).every(([field, inner]) => hasField(value, field, inner))
  const [kind, ...inner] = shape
  const [of = 'nothing'] = inner
  if (kind === 'list') return Array.isArray(value) && value.every((item) => matches(of, item))
  if (kind === 'record') return isObject(value) && Object.values(value).every((item) => matches(of, item))
  return kind === 'word' ? inner.some((word) => word === value) : inner.some((each) => matches(each, value))
}

function hasField(value: Readonly<Record<string, unknown>>, field: string, shape: Shape): boolean {
  const found = value[field.replace('?', '')]
  return found === undefined ? field.endsWith('?') : matches(shape, found)
}

function isList(shape: Shape): shape is readonly Shape[] {
  return Array.isArray(shape)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

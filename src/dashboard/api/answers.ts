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

/** As `src/api/openapi.ts` writes it. */
type Shape = string | readonly Shape[] | { readonly [field: string]: Shape }

const NAMED = new Map<string, Shape>(Object.entries(shapes.named))

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
  const check = compile(shapes.answers[name])
  // A year of hours is not checked each time that it is drawn.
  const checked = new WeakSet<object>()
  return (value): value is Answers[Name] => {
    if (!isObject(value)) return false
    if (!checked.has(value) && check(value)) checked.add(value)
    return checked.has(value)
  }
}

export function isEvent<Name extends keyof Events>(name: Name): Is<Events[Name]> {
  const check = compile(shapes.events[name])
  return (value): value is Events[Name] => check(value)
}

type Check = (value: unknown) => boolean

/** Compiled once: the hours of a year are thousands of values. */
function compile(shape: Shape): Check {
  if (typeof shape === 'string') return compileNamed(shape)
  if (!isList(shape)) return compileFields(shape)
  const [kind, ...inner] = shape
  if (kind === 'word') return (value) => inner.some((word) => word === value)
  const checks = inner.map(compile)
  const [isItem = () => false] = checks
  if (kind === 'list') return (value) => Array.isArray(value) && value.every(isItem)
  if (kind === 'record') return (value) => isObject(value) && Object.values(value).every(isItem)
  return (value) => checks.some((check) => check(value))
}

function compileNamed(name: string): Check {
  const shape = NAMED.get(name)
  if (shape === undefined) return (value) => (value === null ? 'null' : typeof value) === name
  let check: Check | undefined
  // When it is first used: a shape may have itself as a part.
  return (value) => (check ??= compile(shape))(value)
}

function compileFields(shape: Readonly<Record<string, Shape>>): Check {
  const fields = Object.entries(shape).map(([field, inner]) => {
    return { name: field.replace('?', ''), isOptional: field.endsWith('?'), check: compile(inner) }
  })
  return (value) =>
    isObject(value) &&
    fields.every(({ name, isOptional, check }) => {
      const found = value[name]
      return found === undefined ? isOptional : check(found)
    })
}

function isList(shape: Shape): shape is readonly Shape[] {
  return Array.isArray(shape)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import { isAnswer, isEvent } from './is.ts'

/** What the page asks for, with the check of each answer. */

export type { ChannelCoverage, Coverage, DayCoverage, DeviceDays, Gap } from '../../api/coverage.ts'
export type { DeviceDetail, Devices, DeviceState, Failure, Job, LoggedEvent, Status } from '../../api/daemon.ts'
export type { Compared, Consumer, Consumers, Energy, EnergySums, Hours, HoursOfDay } from '../../api/energy.ts'
export type { House, Now, Power, Timeline } from '../../api/house.ts'
export type { Column, HouseColumns, HouseNumbers, Span } from '../../api/values.ts'

export const isProblem = isAnswer('problem')
export const isStatus = isAnswer('status')
export const isHouse = isAnswer('house')
export const isTimeline = isAnswer('tape')
export const isNow = isAnswer('now')
export const isPower = isAnswer('power')
export const isEnergy = isAnswer('energy')
export const isConsumers = isAnswer('consumers')
export const isHours = isAnswer('hours')
export const isCoverage = isAnswer('coverage')
export const isChannelCoverage = isAnswer('channelCoverage')
export const isDayCoverage = isAnswer('dayCoverage')
export const isDevices = isAnswer('devices')
export const isRecentEvents = isAnswer('recentEvents')
export const isJobs = isAnswer('jobs')
export const isJob = isAnswer('job')

export const isCycle = isEvent('pass')
export const isDeviceWindow = isEvent('coverage')
export const isNewEvent = isEvent('event')

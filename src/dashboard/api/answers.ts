import { isFlag, isListOf, isNullOr, isNumber, isOneOf, isRecordOf, isShape, isText, type Of } from './is.ts'

/** What the page uses of the answers of `docs/openapi.yaml`, which says what each field means. */

export const isColumn = isListOf(isNullOr(isNumber))
export type Column = Of<typeof isColumn>
const isNumbers = isListOf(isNumber)
const isFailure = isShape(
  { message: isText, sinceMs: isNumber },
  { of: isOneOf('device', 'store', 'writer', 'identity') },
)
export type Failure = Of<typeof isFailure>
const isSpanOfTime = isShape({ fromMs: isNumber, untilMs: isNumber })
const isSpan = isOneOf('day', 'month', 'year', 'all')
export type Span = Of<typeof isSpan>

export const isProblem = isShape({ error: isText }, { hint: isText })

const isHistory = isShape(
  { state: isOneOf('waiting', 'loading', 'done'), doneMinutes: isNumber, totalMinutes: isNumber, isPaused: isFlag },
  { untilMs: isNumber, leftMs: isNumber },
)
const isLastCycle = isShape({
  endedAtMs: isNumber,
  durationMs: isNumber,
  rowCount: isNumber,
  sampleCount: isNumber,
  lagMs: isNumber,
})
const isHealth = isOneOf('starting', 'ok', 'failing')
const deviceState = { name: isText, state: isHealth, history: isHistory }
const deviceStateMore = {
  storedUntilMs: isNumber,
  missingMinutes: isNumber,
  nextPassMs: isNumber,
  lastPass: isLastCycle,
  failure: isFailure,
}
const isDeviceState = isShape(deviceState, deviceStateMore)
export type DeviceState = Of<typeof isDeviceState>
const storeState = { name: isText, state: isHealth }

export const isStatus = isShape({
  nowMs: isNumber,
  startedAtMs: isNumber,
  version: isText,
  isDemo: isFlag,
  timezone: isText,
  maxAgeMs: isNumber,
  intervalMs: isNumber,
  store: isShape(storeState, { failure: isFailure }),
  devices: isListOf(isDeviceState),
  sums: isShape(
    { state: isOneOf('building', 'ready', 'failing'), doneDays: isNumber, totalDays: isNumber },
    { failure: isFailure },
  ),
})
export type Status = Of<typeof isStatus>

const isHouseChannel = isShape(
  {
    id: isText,
    device: isText,
    location: isText,
    role: isOneOf('mains', 'solar', 'circuit'),
    labels: isRecordOf(isText),
  },
  { group: isText },
)
export const isHouse = isShape(
  {
    timezone: isText,
    wiring: isOneOf('ahead', 'behind'),
    isConfigured: isFlag,
    hasMains: isFlag,
    hasSolar: isFlag,
    channels: isListOf(isHouseChannel),
    groups: isListOf(isShape({ name: isText, channels: isListOf(isText) })),
    labelNames: isListOf(isText),
  },
  { reversedSolar: isListOf(isText) },
)
export type House = Of<typeof isHouse>

const isLane = isShape({ device: isText, runs: isNumbers, missingMinutes: isNumber }, { missingFromMs: isNumber })
export const isTimeline = isShape({ fromMs: isNumber, untilMs: isNumber, lanes: isListOf(isLane) })
export type Timeline = Of<typeof isTimeline>

const isHouseColumns = isShape({
  house: isColumn,
  solar: isColumn,
  used: isColumn,
  fromGrid: isColumn,
  toGrid: isColumn,
  unmetered: isColumn,
})
export type HouseColumns = Of<typeof isHouseColumns>
const isKnown = isNullOr(isNumber)
const isHouseNumbers = isShape({
  house: isKnown,
  solar: isKnown,
  used: isKnown,
  fromGrid: isKnown,
  toGrid: isKnown,
  unmetered: isKnown,
})
export type HouseNumbers = Of<typeof isHouseNumbers>
const isHouseMinutes = isShape({
  house: isNumber,
  solar: isNumber,
  used: isNumber,
  fromGrid: isNumber,
  toGrid: isNumber,
  unmetered: isNumber,
})

export const isNow = isShape(
  {
    watts: isHouseNumbers,
    channels: isRecordOf(isKnown),
    hour: isShape({ fromMs: isNumber, stepMs: isNumber, channels: isRecordOf(isColumn), unmetered: isColumn }),
    today: isShape(
      {
        fromMs: isNumber,
        untilMs: isNumber,
        dayUntilMs: isNumber,
        stepMs: isNumber,
        house: isColumn,
        solar: isColumn,
        wattHours: isHouseNumbers,
        missingMinutes: isNumber,
      },
      { circuits: isColumn, circuitsWattHours: isKnown },
    ),
  },
  { atMs: isNumber },
)
export type Now = Of<typeof isNow>

export const isPower = isShape(
  {
    fromMs: isNumber,
    untilMs: isNumber,
    step: isOneOf('minute', '10m', '30m', '6h', 'day'),
    house: isHouseColumns,
    channels: isRecordOf(isColumn),
  },
  {
    stepMs: isNumber,
    startsMs: isNumbers,
    bands: isShape({ houseMin: isColumn, houseMax: isColumn, solarMin: isColumn, solarMax: isColumn }),
    missing: isRecordOf(isNumbers),
  },
)
export type Power = Of<typeof isPower>

const isEnergySums = isShape(
  { wattHours: isHouseNumbers, missingMinutes: isNumber, isWhole: isFlag },
  {
    wholeFromMs: isNumber,
    lackingMinutes: isHouseMinutes,
    unmeasuredMinutes: isHouseMinutes,
    circuits: isKnown,
    knownFromMs: isNumber,
  },
)
export type EnergySums = Of<typeof isEnergySums>
const isCompared = isShape({ wattHours: isNumber, beforeWattHours: isNumber }, { hours: isNumber, days: isNumber })
export type Compared = Of<typeof isCompared>
const isComparedOrNot = isNullOr(isCompared)
const isComparedHouse = isShape({
  house: isComparedOrNot,
  solar: isComparedOrNot,
  used: isComparedOrNot,
  fromGrid: isComparedOrNot,
  toGrid: isComparedOrNot,
  circuits: isComparedOrNot,
})
export const isEnergy = isShape(
  {
    span: isSpan,
    date: isText,
    fromMs: isNumber,
    untilMs: isNumber,
    isSoFar: isFlag,
    startsMs: isNumbers,
    house: isHouseColumns,
    sums: isEnergySums,
  },
  {
    soFarUntilMs: isNumber,
    circuits: isColumn,
    missing: isNumbers,
    unmeasured: isNumbers,
    before: isShape(
      { fromMs: isNumber, untilMs: isNumber, house: isColumn, sums: isEnergySums },
      { circuits: isColumn, lacking: isNumbers, compared: isComparedHouse },
    ),
  },
)
export type Energy = Of<typeof isEnergy>

const isConsumer = isShape(
  { id: isText, wattHours: isKnown, hours: isColumn },
  { beforeWattHours: isKnown, compared: isComparedOrNot, missingMinutes: isNumber, unmeasuredMinutes: isNumber },
)
export type Consumer = Of<typeof isConsumer>
export const isConsumers = isShape({ houseWattHours: isKnown, consumers: isListOf(isConsumer) }, { note: isText })
export type Consumers = Of<typeof isConsumers>

const isHoursOfDay = isShape(
  { date: isText, fromMs: isNumber, watts: isColumn },
  { minutes: isNumbers, wallHours: isNumbers },
)
export type HoursOfDay = Of<typeof isHoursOfDay>
export const isHours = isShape(
  { span: isSpan, fromMs: isNumber, untilMs: isNumber, days: isListOf(isHoursOfDay) },
  { of: isOneOf('circuits') },
)

export const isJob = isShape(
  {
    id: isText,
    kind: isOneOf('repair', 'check'),
    device: isText,
    state: isOneOf('waiting', 'running', 'done', 'failed', 'stopped'),
    startedAtMs: isNumber,
    doneMinutes: isNumber,
    totalMinutes: isNumber,
    text: isText,
  },
  { endedAtMs: isNumber, fromMs: isNumber, untilMs: isNumber, confirmedUntilMs: isNumber },
)
export type Job = Of<typeof isJob>
export const isJobs = isShape({ jobs: isListOf(isJob) })

const isGap = isShape(
  { device: isText, fromMs: isNumber, untilMs: isNumber, minutes: isNumber, channels: isListOf(isText) },
  { job: isJob },
)
export type Gap = Of<typeof isGap>
const isDeviceDays = isShape(
  { name: isText, firstDate: isText, days: isNumbers, missing: isNumbers },
  { unmeasured: isNumbers },
)
export type DeviceDays = Of<typeof isDeviceDays>
export const isCoverage = isShape({
  wantedMinutes: isNumber,
  storedMinutes: isNumber,
  missingMinutes: isNumber,
  notLoadedMinutes: isNumber,
  devices: isListOf(isDeviceDays),
  holes: isListOf(isGap),
  holesLeftOut: isNumber,
})
export type Coverage = Of<typeof isCoverage>
export const isChannelCoverage = isShape({
  device: isText,
  dates: isListOf(isText),
  channels: isListOf(isShape({ id: isText, days: isNumbers, missing: isNumbers }, { unmeasured: isNumbers })),
})
export type ChannelCoverage = Of<typeof isChannelCoverage>
export const isDayCoverage = isShape(
  { device: isText, date: isText, fromMs: isNumber, untilMs: isNumber, runs: isNumbers },
  { channel: isText, wallHours: isNumbers },
)
export type DayCoverage = Of<typeof isDayCoverage>

const isDeviceDetail = isShape(
  {
    ...deviceState,
    url: isText,
    load: isShape({ allowedShare: isNumber, minutes: isNumbers }, { share: isNumber }),
    channels: isShape({ configured: isNumber, missing: isListOf(isText) }, { listed: isNumber }),
  },
  {
    ...deviceStateMore,
    version: isText,
    startedAtMs: isNumber,
    clockAheadMs: isNumber,
    log: isSpanOfTime,
    stored: isSpanOfTime,
    lastFailure: isFailure,
  },
)
export type DeviceDetail = Of<typeof isDeviceDetail>
const isStoreDetail = isShape(storeState, {
  failure: isFailure,
  startedAtMs: isNumber,
  clockAheadMs: isNumber,
  retainsFromMs: isNumber,
  seriesCount: isNumber,
  writeMs: isNumber,
  readMs: isNumber,
  lastFailure: isFailure,
})
export const isDevices = isShape({ devices: isListOf(isDeviceDetail), store: isStoreDetail })
export type Devices = Of<typeof isDevices>

const isEvent = isShape(
  { id: isNumber, atMs: isNumber, of: isText, level: isOneOf('info', 'warn', 'error'), text: isText },
  { history: isShape({ fromMs: isNumber, untilMs: isNumber, rowCount: isNumber, sampleCount: isNumber }) },
)
export const isRecentEvents = isShape({ events: isListOf(isEvent) })

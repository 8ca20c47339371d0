/** What the variables of a dashboard are called in a query. */
export const ALL = '${metric}{source="iotawatt",device=~"$device"}'
const MAINS = '${metric}{source="iotawatt",device=~"$device",${mains:raw}}'
const SOLAR = '${metric}{source="iotawatt",device=~"$device",${solar:raw}}'

/** `$wiring`: where the solar joins. */
export const WIRING = { ahead: '0', behind: '1', none: '2' } as const

/**
 * One value a minute, at its end: the mean of what lies in it, so that a minute with two samples of the first version
 * counts once; nothing where nothing lies. `offset 1s` takes in the sample on the minute's start and leaves out the next.
 */
const minute = (selector: string) => `avg_over_time(${selector}[1m] offset 1s)`

const mains = `sum(${minute(MAINS)})`
/** Inverters draw a few watts at night. Without solar it is 0; with solar and no sample it is unknown. */
const solar = `(clamp_min(sum(${minute(SOLAR)}), 0) or (vector(${WIRING.none}) == $wiring) - ${WIRING.none})`
const house = `((${mains} unless vector(${WIRING.behind}) == $wiring) or (${mains} + ${solar}))`
const metered = `sum(${minute(ALL)} unless ${minute(MAINS)} unless ${minute(SOLAR)})`
const toGrid = `clamp_min(${solar} - ${house}, 0)`

/** The equation of the house in watts, for one minute: solar + fromGrid = house + toGrid. */
export const equation = {
  solar,
  house,
  fromGrid: `clamp_min(${house} - ${solar}, 0)`,
  toGrid,
  /** min(house, solar). */
  solarUsed: `(${solar} - ${toGrid})`,
  /** Known only in minutes that every device has. */
  unmetered: `((${house} - ${metered}) and count(count by (device) (${minute(ALL)})) == $devices)`,
}

/** Of the last 15 minutes, the newest that is known. */
export const newest = (watts: string) => `last_over_time((${watts})[15m:1m])`
export const meanOfMinutes = (watts: string) => `avg_over_time((${watts})[$__interval:1m])`
/** Σ W / 60000: what is 0 in half of the minutes stays 0 in them. */
export const kilowattHours = (watts: string, span: string) => `sum_over_time((${watts})[${span}:1m]) / 60000`
/** How much more it is, by mean, than in as long a time before; nothing where nothing is stored of that. */
export const sincePeriodBefore = (watts: string) =>
  `avg_over_time((${watts})[$__range:1m]) / (avg_over_time((${watts})[$__range:1m] offset $__range) > 0) - 1`
/** At the start of each day, that day. */
export const kilowattHoursByDay = (watts: string) => `sum_over_time((${watts})[1d:1m] offset -1d) / 60000`

/** The channels that neither the mains nor the solar are. */
export const circuits = {
  mean: circuitsOnly((selector) => `avg_over_time(${selector}[$__interval] offset 1s)`),
  kilowattHours: circuitsOnly((selector) => energyOf(selector, { span: '$__range', minutes: '$__range_s / 60' })),
}

/** Two devices may have circuits of one name. */
export const CIRCUIT = '{{location}}, {{device}}'

export const PICKED = '${metric}{source="iotawatt",device=~"$device",location=~"$location"}'

export const picked = {
  mean: `avg_over_time(${PICKED}[$__interval] offset 1s)`,
  meanOfRange: `avg_over_time(${PICKED}[$__range] offset 1s)`,
  most: `max_over_time(${PICKED}[$__range] offset 1s)`,
  newest: `last_over_time(${PICKED}[15m])`,
  kilowattHours: energyOf(PICKED, { span: '$__range', minutes: '$__range_s / 60' }),
  kilowattHoursByDay: energyOf(PICKED, { span: '1d', minutes: '1440', offset: '-23h59m59s' }),
}

function circuitsOnly(query: (selector: string) => string): string {
  return `${query(ALL)} unless ${seen(MAINS)} unless ${seen(SOLAR)}`
}

/** What has a sample in the range; the value does not matter. */
function seen(selector: string): string {
  return `count_over_time(${selector}[$__range] offset 1s)`
}

/** Mean × minutes that are there, of which a span has only so many: duplicate samples of the first version add nothing. */
function energyOf(
  selector: string,
  { span, minutes, offset = '1s' }: { span: string; minutes: string; offset?: string },
) {
  const over = `${selector}[${span}] offset ${offset}`
  return `avg_over_time(${over}) * clamp_max(count_over_time(${over}), ${minutes}) / 60000`
}

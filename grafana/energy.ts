import { buildDashboard, houseVariables } from './dashboard.ts'
import { chart, COLOURS, figures, ranking } from './panels.ts'
import { CIRCUIT, circuits, equation, kilowattHours, kilowattHoursByDay, sincePeriodBefore } from './power-queries.ts'

const ofRange = (watts: string) => kilowattHours(watts, '$__range')

const sum = (title: string, { watts, colour }: { watts: string; colour: string }) =>
  figures({
    title,
    unit: 'kwatth',
    decimals: 1,
    width: 4,
    lanes: { [title]: ofRange(watts) },
    colours: { [title]: colour },
  })

const share = (title: string, { of }: { of: string }) =>
  figures({
    title,
    unit: 'percentunit',
    decimals: 0,
    width: 4,
    lanes: { [title]: `${ofRange(equation.solarUsed)} / (${ofRange(of)} > 0)` },
  })

const since = (what: string, { watts }: { watts: string }) =>
  figures({
    title: `${what} against the period before`,
    description: 'By the mean of the stored minutes, against as long a time before the range.',
    unit: 'percentunit',
    decimals: 0,
    width: 6,
    lanes: { [what]: sincePeriodBefore(watts) },
  })

export const energyDashboard = buildDashboard({
  title: 'IoTaWatt: Energy',
  uid: 'iotawatt-energy',
  description: 'Kilowatt-hours of the range and of each day: sums over minutes, W / 60,000 each.',
  from: 'now-13d/d',
  // Each time, it sums up all minutes of two weeks.
  refresh: '15m',
  variables: houseVariables,
  panels: [
    sum('House', { watts: equation.house, colour: COLOURS.house }),
    sum('Solar', { watts: equation.solar, colour: COLOURS.solar }),
    sum('From the grid', { watts: equation.fromGrid, colour: COLOURS.fromGrid }),
    sum('To the grid', { watts: equation.toGrid, colour: COLOURS.toGrid }),
    share('Self-sufficient', { of: equation.house }),
    share('Solar used in the house', { of: equation.solar }),
    since('House', { watts: equation.house }),
    since('Solar', { watts: equation.solar }),
    since('From the grid', { watts: equation.fromGrid }),
    since('To the grid', { watts: equation.toGrid }),
    chart({
      title: 'By day',
      description: 'Above zero: the house, from its own solar and from the grid. Below zero: to the grid.',
      unit: 'kwatth',
      height: 11,
      daily: true,
      stacked: true,
      lanes: {
        'Solar used': kilowattHoursByDay(equation.solarUsed),
        'From the grid': kilowattHoursByDay(equation.fromGrid),
        'To the grid': kilowattHoursByDay(equation.toGrid),
      },
      below: ['To the grid'],
      colours: { 'Solar used': COLOURS.solar, 'From the grid': COLOURS.fromGrid, 'To the grid': COLOURS.toGrid },
    }),
    ranking({
      title: 'Circuits',
      unit: 'kwatth',
      height: 16,
      lanes: { [CIRCUIT]: `sort_desc(${circuits.kilowattHours})` },
      linked: CIRCUIT,
    }),
  ],
})

import { buildDashboard, deviceCount, houseVariables } from './dashboard.ts'
import { chart, COLOURS, figures, LATE } from './panels.ts'
import { ALL, CIRCUIT, circuits, equation, meanOfMinutes, newest } from './power-queries.ts'

const now = (title: string, { watts, colour }: { watts: string; colour: string }) =>
  figures({ title, unit: 'watt', width: 4, lanes: { [title]: newest(watts) }, colours: { [title]: colour } })

export const houseDashboard = buildDashboard({
  title: 'IoTaWatt: House',
  uid: 'iotawatt-house',
  description: 'What happens in the house: solar + from the grid = house + to the grid.',
  from: 'now-24h',
  variables: [...houseVariables, deviceCount],
  panels: [
    now('Solar', { watts: equation.solar, colour: COLOURS.solar }),
    now('From the grid', { watts: equation.fromGrid, colour: COLOURS.fromGrid }),
    now('House', { watts: equation.house, colour: COLOURS.house }),
    now('To the grid', { watts: equation.toGrid, colour: COLOURS.toGrid }),
    now('Unmetered', { watts: equation.unmetered, colour: COLOURS.house }),
    figures({
      title: 'Age of this minute',
      unit: 's',
      width: 4,
      lanes: { Age: `time() - max(tlast_over_time(${ALL}[$__range]))` },
      thresholds: LATE,
    }),
    chart({
      title: 'Solar and house',
      unit: 'watt',
      lanes: { House: meanOfMinutes(equation.house), Solar: meanOfMinutes(equation.solar) },
      colours: { House: COLOURS.house, Solar: COLOURS.solar },
    }),
    chart({
      title: 'Grid',
      description: 'Both are means of minutes, so an interval may show some of each.',
      unit: 'watt',
      lanes: { 'From the grid': meanOfMinutes(equation.fromGrid), 'To the grid': meanOfMinutes(equation.toGrid) },
      below: ['To the grid'],
      colours: { 'From the grid': COLOURS.fromGrid, 'To the grid': COLOURS.toGrid },
    }),
    chart({
      title: 'Circuits',
      description: 'Unmetered is the house minus all circuits, in minutes that every device has.',
      unit: 'watt',
      height: 12,
      stacked: true,
      lanes: { Unmetered: meanOfMinutes(equation.unmetered), [CIRCUIT]: circuits.mean },
      linked: CIRCUIT,
      colours: { Unmetered: COLOURS.house },
    }),
  ],
})

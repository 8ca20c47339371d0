import { buildDashboard, devicePicker, locationPicker, metric } from './dashboard.ts'
import { chart, columns } from './panels.ts'
import { CIRCUIT, picked, PICKED } from './power-queries.ts'

export const circuitsDashboard = buildDashboard({
  title: 'IoTaWatt: Circuits',
  uid: 'iotawatt-circuits',
  description: 'Every channel: its power, its energy and its newest minute.',
  from: 'now-24h',
  variables: [metric, devicePicker, locationPicker],
  panels: [
    chart({ title: 'Power', unit: 'watt', height: 11, lanes: { [CIRCUIT]: picked.mean } }),
    chart({
      title: 'Energy by day',
      unit: 'kwatth',
      height: 11,
      daily: true,
      stacked: true,
      lanes: { [CIRCUIT]: picked.kilowattHoursByDay },
    }),
    columns({
      title: 'Channels',
      height: 18,
      lanes: {
        Energy: `sort_desc(${picked.kilowattHours})`,
        Mean: picked.meanOfRange,
        Most: picked.most,
        Newest: picked.newest,
        Age: `time() - tlast_over_time(${PICKED}[$__range])`,
      },
      units: { Energy: 'kwatth', Mean: 'watt', Most: 'watt', Newest: 'watt', Age: 's' },
    }),
  ],
})

import { expect, test } from 'vitest'
import { loadText, mistakesIn } from '../../test/test-config.ts'

const DEVICE = 'devices: [{ name: a, url: http://a }]'
const TWO = 'devices: [{ name: a, url: http://a }, { name: b, url: http://b }]'
const FIRST = 'type: influxdb, url: http://influxdb:8086, database: energy'
const SECOND = 'type: influxdb, url: http://influxdb:8086, organization: home, bucket: energy'

test.each<[string, string, string]>([
  [
    FIRST.replace('url: http://influxdb:8086, ', ''),
    DEVICE,
    'store.url: found nothing; expected the address of InfluxDB',
  ],
  [
    'type: influxdb, url: http://i',
    DEVICE,
    'store.database: found nothing; expected the database of InfluxDB 1.x, or organization and bucket of 2.x',
  ],
  [
    `${FIRST}, bucket: b`,
    DEVICE,
    'store.database: found beside bucket; expected database for InfluxDB 1.x, or organization and bucket for 2.x',
  ],
  [SECOND, DEVICE, 'store.token: found nothing; expected a token of InfluxDB 2.x'],
  [`${SECOND}, username: u, password: p`, DEVICE, 'store.username: found a login of InfluxDB 1.x; expected token'],
  [`${FIRST}, token: t`, DEVICE, 'store.token: found a token; expected username and password for InfluxDB 1.x'],
  [`${FIRST}, username: u`, DEVICE, 'store.username: found a user without a password'],
  [
    `${FIRST}, writeUrl: http://b`,
    DEVICE,
    'store.writeUrl: found beside type: influxdb; expected it with type: victoriametrics alone',
  ],
  [`${FIRST}, allowDuplicates: true`, DEVICE, 'store.allowDuplicates: found beside type: influxdb'],
  [
    'url: http://a, database: energy',
    DEVICE,
    'store.database: found a key of InfluxDB; expected type: influxdb beside it',
  ],
  [
    'type: embedded, database: energy',
    DEVICE,
    'store.database: found beside type: embedded; expected no other key, or type: influxdb',
  ],
  [
    `${FIRST}, measurement: "{name}"`,
    DEVICE,
    'store.measurement: found "{name}"; expected text without line ends, in which {metric}, {device}, {location}, {unit}',
  ],
  [`${FIRST}, tags: { time: x }`, DEVICE, 'the name of a tag: 1 to 200 characters, and not time'],
  [
    `${FIRST}, tags: { device: "{device}" }`,
    DEVICE,
    'store.tags: found templates that make one series of power of Input_1 on a and power of Input_2 on a; expected {location} in measurement, tags or field',
  ],
  [
    `${FIRST}, measurement: "{location}", tags: {}`,
    TWO,
    'store.measurement: found templates that make one series of power of Input_1 on a and power of Input_1 on b; expected {device} in',
  ],
  [
    `${FIRST}, measurement: iotawatt`,
    'devices: [{ name: a, url: http://a, channels: [Mains, { name: Voltage, unit: volts }] }]',
    'store.measurement: found templates that make one series of power of Mains on a and voltage of Mains on a; expected {metric} in',
  ],
  [
    `${FIRST}, field: "{unit}"`,
    'devices: [{ name: a, url: http://a, channels: [Mains, { name: V, unit: volts, metric: power }] }]',
    'store.field: found {unit}, and the metric power holds watts and volts; expected a metric for each unit',
  ],
])('store: { %s }', async (store, devices, message) => {
  const mistakes = await mistakesIn(`store: { ${store} }\n${devices}`)
  expect(mistakes.join('\n')).toContain(message)
})

test('what is right becomes a store with its defaults', async () => {
  const first = await loadText(`store: { ${FIRST}, username: u, password: p }\n${DEVICE}`)
  expect(first.config.store).toMatchObject({
    type: 'influxdb',
    target: { version: '1.x', database: 'energy' },
    templates: { measurement: '{metric}', field: 'value' },
    auth: { kind: 'basic', username: 'u' },
  })
  const second = await loadText(
    `store: { ${SECOND}, token: t, measurement: "{location}", tags: { d: "{device}" } }\n${TWO}`,
  )
  expect(second.config.store).toMatchObject({
    target: { version: '2.x', organization: 'home', bucket: 'energy' },
    templates: { measurement: '{location}', tags: { d: '{device}' }, field: 'value' },
    auth: { kind: 'bearer' },
  })
})

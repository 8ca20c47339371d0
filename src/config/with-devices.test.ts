import { expect, test } from 'vitest'
import { loadText, mistakesIn } from '../../test/test-config.ts'

const TWO = 'devices:\n  - { name: a, url: http://a }\n  - { name: b, url: http://b'

test('a device has the defaults that it does not give itself', async () => {
  const text = `defaults: { since: 2021-09-18, passwordFile: all, channels: [Mains_1] }\n${TWO}, since: 2022-01-01, password: own, channels: [EV] }`
  const { devices } = (await loadText(text, { files: { all: 'shared' } })).config
  expect(
    devices.map(({ auth, sinceMs, channels }) => [auth?.password.reveal(), sinceMs, channels?.map(({ name }) => name)]),
  ).toEqual([
    ['shared', Date.UTC(2021, 8, 18), ['Mains_1']],
    ['own', Date.UTC(2022, 0, 1), ['EV']],
  ])
})

test('the environment gives defaults too', async () => {
  const { devices } = (await loadText(`${TWO} }`, { env: { IOTAWATT_SYNC_DEFAULTS_PASSWORD: 'shared' } })).config
  expect(devices.map(({ auth }) => auth?.password.reveal())).toEqual(['shared', 'shared'])
})

test.each([
  ['{ since: yesterday }', ['c.yaml:1:20 defaults.since: found "yesterday"; expected a date']],
  ['{ url: http://a }', ['c.yaml:1:13 defaults.url: found an unknown key; expected one of type, since, username,']],
  ['{ passwordFile: gone }', ['c.yaml:1:27 defaults.passwordFile: found a path that cannot be read']],
  ['{ username: me }', ['c.yaml:1:13 defaults.username: found a user without a password; expected']],
  [
    '{ channels: [x, x] }',
    ['c.yaml:1:27 defaults.channels[1]: found metric "power" and location "x" as in defaults.channels[0]; expected'],
  ],
  ['5', ['c.yaml:1:11 defaults: found 5; expected a mapping with type, since, username,']],
])('a mistake in defaults: %s is named once, where it stands', async (defaults, expected) =>
  expect(await mistakesIn(`defaults: ${defaults}\n${TWO} }`)).toEqual(
    expected.map((line): unknown => expect.stringContaining(line)),
  ),
)

test('a mistake in what a device gives in place of a default is named at the device', async () =>
  expect(await mistakesIn(`defaults: { since: 2021-09-18 }\n${TWO}, since: soon }`)).toEqual([
    expect.stringContaining('c.yaml:4:38 devices[1].since: found "soon"'),
  ]))

test('a device has the labels of defaults beside its own', async () => {
  const text = `defaults: { labels: { tenant: t1, site: north } }\n${TWO}, labels: { site: south } }`
  expect((await loadText(text)).config.devices.map(({ labels }) => labels)).toEqual([
    { tenant: 't1', site: 'north' },
    { tenant: 't1', site: 'south' },
  ])
})

test.each([
  [
    'defaults: { labels: { device: x } }',
    ['c.yaml:1:23 defaults.labels.device: found "device"; expected a label name'],
  ],
  ['defaults: { labels: { site: 5 } }', ['c.yaml:1:29 defaults.labels.site: found 5; expected text, in quotes']],
  ['defaults: { labels: north }', ['c.yaml:1:21 defaults.labels: found "north"; expected a mapping of label names']],
  [
    'defaults: { labels: { hvac: x } }',
    ['c.yaml:1:23 defaults.labels.hvac: found a label that the rules set that apply without labels: in the conf'],
  ],
  [
    'labels: [{ match: "*", set: { floor: "1" } }]\ndefaults: { labels: { hvac: x, floor: "2" } }',
    ['c.yaml:2:32 defaults.labels.floor: found a label that labels[0] sets; expected another name'],
  ],
])('a label that is none of a device is refused: %s', async (text, expected) =>
  expect(await mistakesIn(`${text}\n${TWO}, labels: { own: x } }`)).toEqual(
    expected.map((line): unknown => expect.stringContaining(line)),
  ),
)

test.each(['source', 'location', '__name__', '1st'])('a device has no label %s', async (name) =>
  expect(await mistakesIn(`${TWO}, labels: { ${name}: x } }`)).toEqual([
    expect.stringContaining(`c.yaml:3:41 devices[1].labels.${name}: found "${name}"; expected a label name: letters`),
  ]),
)

import { expect, test } from 'vitest'
import { loadText, mistakesIn } from '../../test/test-config.ts'

const FILES = 'deviceFiles: ["list-*.yaml", targets.json]\n'
const NONE = { 'targets.json': '[]' }

test('devices come from lists and from targets of Prometheus, behind those of the configuration', async () => {
  const files = {
    'list-b.yaml': '- { name: b, url: http://b, since: 2021-09-18 }',
    'list-a.yaml': '- { name: a, url: http://a }\n- { name: z, url: http://z }',
    '.list-hidden.yaml': 'not read',
    'targets.json': `[
\t{ "targets": ["10.0.0.5:80"], "labels": { "device": "hall", "site": "north", "__meta_filepath": "x" } },
\t{ "targets": ["10.0.0.6:80", "10.0.0.7:8080"], "labels": { "__scheme__": "https" } }
]`,
  }
  const { config, deviceFiles } = await loadText(`${FILES}devices: [{ name: own, url: http://own }]`, { files })
  expect(config.devices.map(({ name, url }) => `${name} ${url}`)).toEqual([
    'own http://own',
    'a http://a',
    'z http://z',
    'b http://b',
    'hall http://10.0.0.5',
    '10.0.0.6 https://10.0.0.6:80',
    '10.0.0.7:8080 https://10.0.0.7:8080',
  ])
  expect(config.devices.flatMap(({ name, labels }) => (labels ? [[name, labels]] : []))).toEqual([
    ['hall', { site: 'north' }],
  ])
  expect([...deviceFiles.texts.values()]).toEqual([files['list-a.yaml'], files['list-b.yaml'], files['targets.json']])
})

test('they have the defaults of the configuration, and are shared among shards', async () => {
  const listed = Array.from({ length: 20 }, (_, index) => `- { name: d${index}, url: http://d${index} }`).join('\n')
  const load = (shard: string) =>
    loadText(`${FILES}shard: ${shard}\ndefaults: { since: 2021-09-18 }`, { files: { ...NONE, 'list-a.yaml': listed } })
  const [one, two] = await Promise.all([load('1/2'), load('2/2')])
  const devices = [...one.config.devices, ...two.config.devices]
  expect(new Set(devices.map(({ name }) => name)).size).toBe(20)
  expect(devices.length).toBe(20)
  expect(new Set(devices.map(({ sinceMs }) => sinceMs))).toEqual(new Set([Date.UTC(2021, 8, 18)]))
})

test('a pattern that fits no file is worth a warning: devices may come later', async () => {
  const { config, warnings } = await loadText(FILES, { files: NONE })
  expect(config.devices).toEqual([])
  expect(warnings).toEqual(['deviceFiles: no file is called list-*.yaml, so it adds no device.'])
})

const EXPECTED =
  "expected a list of devices, each with name and url, or of targets in the format of Prometheus' file_sd; [] for none"

test.each([
  ['- { name: a, url: http://a, sinc: 5 }', 'list-a.yaml:1:29 [0].sinc: found an unknown key (did you mean "since"?)'],
  ['- name: a\n  url: a.local', 'list-a.yaml:2:8 [0].url: found "a.local"; expected an address such as'],
  ['- { name: a }', 'list-a.yaml:1:3 [0].url: found nothing; expected an address'],
  ['- { name: a, url: http://a, password: 7 }', 'list-a.yaml:1:39 [0].password: found a number (not shown); expected'],
  ['- { name: a, url: http://a, passwordFile: x }', 'list-a.yaml:1:43 [0].passwordFile: found a path that cannot be'],
  ['- { name: own, url: http://a }', 'list-a.yaml:1:11 [0].name: found "own" as in devices[0].name; expected a name'],
  ['- name: "a', 'list-a.yaml:1:9: found a quote that is opened here and not closed'],
  ['- 5', 'list-a.yaml:1:3 [0]: found 5; expected a mapping with name and url'],
  ['', `list-a.yaml:1:1: found nothing; ${EXPECTED}`],
  ['devices: []', `list-a.yaml:1:1: found a mapping; ${EXPECTED}`],
  ['devices', `list-a.yaml:1:1: found a text; ${EXPECTED}`],
  ['- targets: a:80', 'list-a.yaml:1:12 [0].targets: found "a:80"; expected a list, each a target, such as'],
  ['- targets: [5]', 'list-a.yaml:1:13 [0].targets[0]: found 5; expected a target, such as "10.0.0.5:80"'],
  ['- { targets: [a], labels: { device: 5 } }', '[0].labels.device: found 5; expected text, in quotes'],
  [
    '- { targets: [a], label: { device: x } }',
    'list-a.yaml:1:19 [0].label: found an unknown key; expected targets and labels',
  ],
  ['- { targets: [a, b], labels: { device: x } }', 'list-a.yaml:1:40 [0].labels.device: found one name for 2 targets'],
  ['- { targets: [a], labels: { source: x } }', 'list-a.yaml:1:29 [0].labels.source: found "source"; expected a label'],
  ['- { targets: ["a b"] }', 'list-a.yaml:1:15 [0].targets[0]: found "http://a b"; expected an address'],
])('a mistake in a file of devices: %s', async (text, expected) =>
  expect(
    await mistakesIn(`${FILES}devices: [{ name: own, url: http://own }]`, { files: { ...NONE, 'list-a.yaml': text } }),
  ).toEqual([expect.stringContaining(expected)]),
)

test('two files that name one device are refused with both places', async () =>
  expect(
    await mistakesIn(FILES, {
      files: {
        'list-a.yaml': '# the first\n- { name: a, url: http://a }',
        'list-b.yaml': '- { name: b, url: http://b }\n- { name: a, url: http://c }',
        'targets.json': '[{ "targets": ["b"], "labels": { "device": "d" } }]',
      },
    }),
  ).toEqual([
    expect.stringContaining(
      'list-b.yaml:2:11 [1].name: found "a" as in list-a.yaml:2 [0].name; expected a name of its',
    ),
    expect.stringContaining('targets.json:1:16 [0].targets[0]: found "http://b" as in list-b.yaml:1 [0].url; expected'),
  ]))

test.each([
  ['deviceFiles: a.yaml', 'c.yaml:1:14 deviceFiles: found "a.yaml"; expected a list of files, such as'],
  ['deviceFiles: []', 'c.yaml:1:14 deviceFiles: found a list; expected at least one file'],
  ['deviceFiles: ["*/a.yaml"]', 'c.yaml:1:15 deviceFiles[0]: found * or ? in the name of a folder; expected them in'],
  ['deviceFiles: ["gone/*.yaml"]', 'c.yaml:1:15 deviceFiles[0]: found a folder that cannot be read (ENOENT'],
  ['deviceFiles: [gone.yaml]', 'gone.yaml:1:1: found a file that cannot be read (ENOENT'],
])('%s is refused', async (text, expected) =>
  expect(await mistakesIn(text)).toEqual([expect.stringContaining(expected)]),
)

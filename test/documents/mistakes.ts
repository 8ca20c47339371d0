import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { HouseUnit } from '../../src/simulator/two-unit-house.ts'
import { DAY_MS, floorToMinute } from '../../src/model/time-window.ts'
import { byPath, type FakeAnswer, startFakeServer, status } from '../doubles/fake-server.ts'
import { firmwareOf } from '../doubles/old-firmware.ts'
import { serveSimulatedDevice } from '../doubles/serve-simulated-device.ts'
import { createSimulatedDevice, type SimulatedDeviceOptions } from '../doubles/simulated-device.ts'
import { freePort } from '../free-port.ts'
import { smallUnit, sourceOf } from '../small-house.ts'
import { runInFolder, type FolderRun } from './run-in-folder.ts'

/** What people get wrong, by where. `is`: in Markdown. */
interface Mistake extends FolderRun {
  readonly is: string
  /** Which of what `check` finds is shown; left out: all but what is GOOD. */
  readonly shows?: RegExp
}

export interface Topic {
  readonly title: string
  readonly mistakes: readonly Mistake[]
}

/** Devices and stores that the mistakes are made with; each is shown under a name. */
export interface Neighbours {
  readonly urls: Readonly<Record<keyof typeof NAMES, string>>
  close(): Promise<void>
}

/** As a reader would write them. */
const NAMES = {
  garage: 'http://iotawatt.local',
  attic: 'http://attic.local',
  guarded: 'http://guarded.local',
  old: 'http://old.local',
  printer: 'http://printer.local',
  nobody: 'http://192.168.1.99',
  store: 'http://victoriametrics:8428',
  storeWithLogin: 'http://victoriametrics:8428',
  storeBehindRedirect: 'http://store.example.com',
  grafana: 'http://grafana:3000',
  cluster: 'http://vm:8480',
  barred: 'http://victoriametrics:8428',
  full: 'http://victoriametrics:8428',
  shortLived: 'http://victoriametrics:8428',
  limited: 'http://victoriametrics:8428',
  encrypted: 'https://victoriametrics.local',
  plainOnEncrypted: 'http://victoriametrics:8428',
} as const

const SUCCESS = '{"status":"success","data":{"resultType":"vector","result":[]}}'
const LIMIT =
  '{"status":"error","errorType":"422","error":"cannot select more than -search.maxSamplesPerQuery=1000 samples; possible solutions: to increase the -search.maxSamplesPerQuery"}'
const HTML = '<!DOCTYPE html><html><body>Welcome</body></html>'
const metricsWith = (retention: string, more = '') =>
  [
    `flag{name="retentionPeriod", value="${retention}", is_set="true"} 1`,
    'flag{name="dedup.minScrapeInterval", value="0s", is_set="false"} 1',
    'process_start_time_seconds 1795427294',
    more,
  ].join('\n')
const answersOf = (more: Readonly<Record<string, string | FakeAnswer>>) =>
  byPath({
    '/api/v1/query': SUCCESS,
    '/api/v1/series': '{"status":"success","data":[]}',
    '/api/v1/export': '',
    '/api/v1/import': status(204),
    '/internal/force_flush': '',
    '/metrics': metricsWith('100y'),
    '/status': status(400, 'remoteAddr: "127.0.0.1:50000"; requestURI: /status; unsupported path requested: "/status"'),
    ...more,
  })

export async function startNeighbours(): Promise<Neighbours> {
  const nowMs = Date.now()
  const open: { close(): Promise<void> }[] = []
  const serve = async (unit: HouseUnit, options: Partial<SimulatedDeviceOptions> = {}) => {
    const source = sourceOf(unit, { fromMs: floorToMinute(nowMs - 40 * DAY_MS) })
    const served = await serveSimulatedDevice(createSimulatedDevice({ source, clock: { nowMs: Date.now }, ...options }))
    open.push(served)
    return served.url
  }
  const fake = async (answer: FakeAnswer) => {
    const server = await startFakeServer(answer)
    open.push({ close: server.stop })
    return server.url
  }
  const urls = {
    garage: await serve(smallUnit('garage')),
    attic: await serve(smallUnit('attic')),
    guarded: await serve(smallUnit('guarded'), { passwords: { admin: 'right' } }),
    old: await serve(smallUnit('old'), { firmware: firmwareOf('02_04_00') }),
    printer: await fake(status(200, HTML, { 'content-type': 'text/html' })),
    nobody: `http://127.0.0.1:${await freePort()}`,
    store: await fake(answersOf({})),
    storeWithLogin: await fake(status(401, 'unauthorized', { 'www-authenticate': 'Basic' })),
    storeBehindRedirect: await fake(status(301, HTML, { location: 'https://store.example.com/' })),
    grafana: await fake(status(200, HTML, { 'content-type': 'text/html' })),
    cluster: await fake((request, response, body) => {
      const url = request.url?.replace(/^\/(insert|select)\/0\/prometheus/, '')
      const answers = { '/metrics': metricsWith('100y'), '/internal/force_flush': status(400, 'unsupported path') }
      answersOf(answers)(Object.assign(request, { url }), response, body)
    }),
    barred: await fake(
      answersOf({ '/metrics': status(401, 'metricsAuthKey'), '/internal/force_flush': status(401, 'key') }),
    ),
    full: await fake(answersOf({ '/metrics': metricsWith('100y', 'vm_storage_is_read_only{path="/x"} 1') })),
    shortLived: await fake(answersOf({ '/metrics': metricsWith('1') })),
    limited: await fake(answersOf({ '/api/v1/series': status(422, LIMIT), '/api/v1/query': status(422, LIMIT) })),
    encrypted: await encrypt(open),
    plainOnEncrypted: await fake(status(400, 'Client sent an HTTP request to an HTTPS server.')),
  }
  return {
    urls,
    async close() {
      for (const each of open) await each.close()
    },
  }
}

/** By a certificate that signs itself. */
async function encrypt(open: { close(): Promise<void> }[]): Promise<string> {
  const fixture = (name: string) =>
    readFileSync(new URL(`../../src/store/victoriametrics/fixtures/localhost-${name}.pem`, import.meta.url))
  const server = createServer({ key: fixture('key'), cert: fixture('cert') })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push({ close: () => new Promise((resolve) => server.close(() => resolve())) })
  const address = server.address()
  return `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

/** What ends every message of its kind. */
const COMMON_ENDINGS = /\n(One mistake in the configuration\. .*|\(for all commands: .*)$/gm

/** What is shown of one mistake, with names in place of what is different each time. */
export async function outputOf(mistake: Mistake, { urls }: Neighbours): Promise<string> {
  const { stdout, stderr, folder } = await runInFolder(mistake)
  const findings = stdout.split(/\n(?! )/).filter((line) => /^(WARN|BAD)/.test(line))
  const shownFindings = findings.filter((line) => mistake.shows?.test(line) ?? true)
  // Devices are asked side by side, and each is reported when it has answered.
  let text = findings.length > 0 ? shownFindings.toSorted().join('\n') : stderr
  for (const [name, url] of Object.entries(urls)) {
    const { host, port } = new URL(url)
    const shown = NAMES[name as keyof typeof NAMES].replace(/https?:\/\//, '')
    text = text.replaceAll(host, shown).replaceAll(`port ${port}`, 'port 8280')
  }
  return text
    .replaceAll(COMMON_ENDINGS, '')
    .replaceAll(`${folder}/`, '')
    .replaceAll(folder, '.')
    .replaceAll(/20\d\d-\d\d-\d\dT\d\d:\d\dZ/g, '2026-11-25T04:43Z')
}

/** A configuration of one device and the embedded store, with something else in it. */
const withDevice = (url: string, more = '', keys = '') =>
  `web: { listen: '127.0.0.1:0' }\n${more}devices:\n  - name: garage\n    url: ${url}\n${keys}`
const check = ['check']

export function topics({ urls }: Neighbours): readonly Topic[] {
  const { garage, store } = urls
  const fileOf = (is: string, config: string, more: Partial<Mistake> = {}): Mistake => ({
    is,
    args: check,
    config,
    ...more,
  })
  const ofDevice = (is: string, url: string, keys = '', more = ''): Mistake =>
    fileOf(is, withDevice(url, more, keys), { shows: /^\w+ +(garage|attic):|speaks http|Furnance/ })
  const ofStore = (is: string, line: string): Mistake =>
    fileOf(is, withDevice(garage, `store: ${line}\n`), { shows: /^\w+ +store:/ })
  return [
    {
      title: 'In the configuration',
      mistakes: [
        { is: 'there is no configuration', args: check },
        fileOf('a quote that is not closed', "devices:\n  - name: 'garage\n    url: http://iotawatt.local\n"),
        fileOf('a tab in place of spaces', 'devices:\n\t- name: garage\n'),
        fileOf('a key that does not exist', withDevice(garage, 'intervall: 5m\n')),
        fileOf('a duration without its unit', withDevice(garage, 'interval: 5\n')),
        fileOf('`devices` without a dash', 'devices:\n  name: garage\n  url: http://iotawatt.local\n'),
        fileOf('an address without `http://`', withDevice('iotawatt.local')),
        fileOf('a password in the address', withDevice('http://admin:secret@iotawatt.local')),
        fileOf('a date that is none', withDevice(garage, '', '    since: yesterday\n')),
        fileOf('two devices of one name', `${withDevice(garage)}  - { name: garage, url: "${urls.attic}" }\n`),
        fileOf(
          'two channels at one location',
          withDevice(garage, '', '    channels: [Dryer, { name: Fridge, location: Dryer }]\n'),
        ),
        fileOf('a file of a secret that is not there', withDevice(garage, '', '    passwordFile: garage.password\n')),
        fileOf(
          'the page for the network, without a token',
          `web: { listen: ':8480' }\ndevices: [{ name: garage, url: "${garage}" }]\n`,
        ),
        fileOf(
          'a token that is easy to guess',
          `web: { token: secret }\ndevices: [{ name: garage, url: "${garage}" }]\n`,
        ),
        fileOf('a time zone that does not exist', withDevice(garage, 'house: { timezone: Europe/Berln }\n')),
        fileOf(
          'the address of an import, not of the store',
          withDevice(garage, `store: { url: "${store}/api/v1/import" }\n`),
        ),
        fileOf(
          'only one address of a cluster',
          withDevice(garage, 'store: { writeUrl: http://vminsert:8480/insert/0/prometheus }\n'),
        ),
        fileOf(
          'different tenants',
          withDevice(
            garage,
            'store: { writeUrl: http://vminsert:8480/insert/1/prometheus, readUrl: http://vmselect:8481/select/2/prometheus }\n',
          ),
        ),
        fileOf(
          'InfluxDB without a database',
          withDevice(garage, 'store: { type: influxdb, url: http://influxdb:8086 }\n'),
        ),
        fileOf('a variable that does not exist', withDevice(garage), {
          env: { IOTAWATT_SYNC_STOR_URL: 'http://victoriametrics:8428' },
        }),
      ],
    },
    {
      title: 'About devices',
      mistakes: [
        ofDevice('the device is off, or has another address', urls.nobody),
        ofDevice('`https://` for a device', garage.replace('http:', 'https:')),
        ofDevice('a certificate that signs itself, of a proxy', urls.encrypted),
        ofDevice('the address of a printer', urls.printer),
        ofDevice('the address of the store', store),
        ofDevice('a device with a password, and none is given', urls.guarded),
        ofDevice('a wrong password', urls.guarded, '    password: wrong\n'),
        ofDevice('firmware that is too old', urls.old),
        ofDevice('a misspelt channel', garage, '    channels: [Drier, Fridge, Furnace]\n'),
        ofDevice('volts copied as watts', garage, '    channels: [Voltage, Dryer, Fridge, Furnace]\n'),
        ofDevice('channels that were left out', garage, '    channels: [Dryer]\n'),
        ofDevice('swapped addresses', urls.attic, `  - name: attic\n    url: ${garage}\n`),
        ofDevice('one device under two names', garage, `  - name: attic\n    url: ${garage}\n`),
        ofDevice('mains that no channel is called', garage, '', 'house: { mains: [Furnance] }\n'),
      ],
    },
    {
      title: 'About the store',
      mistakes: [
        ofStore('the store is off, or has another address', `{ url: "${urls.nobody}" }`),
        ofStore('`https://` where the port speaks http', `{ url: "${store.replace('http:', 'https:')}" }`),
        ofStore('a certificate that signs itself', `{ url: "${urls.encrypted}" }`),
        ofStore('`http://` where the port speaks https', `{ url: "${urls.plainOnEncrypted}" }`),
        ofStore('a limit of the store that is too low', `{ url: "${urls.limited}" }`),
        ofStore('a store with a login, and none is given', `{ url: "${urls.storeWithLogin}" }`),
        ofStore('a wrong login', `{ url: "${urls.storeWithLogin}", username: me, password: wrong }`),
        ofStore('an address that leads elsewhere', `{ url: "${urls.storeBehindRedirect}" }`),
        ofStore('the address of Grafana', `{ url: "${urls.grafana}" }`),
        ofStore('the address of the device', `{ url: "${garage}" }`),
        ofStore(
          'a cluster without deduplication',
          `{ writeUrl: "${urls.cluster}/insert/0/prometheus", readUrl: "${urls.cluster}/select/0/prometheus" }`,
        ),
        ofStore('keys before `/metrics` and `/internal/force_flush`', `{ url: "${urls.barred}" }`),
        ofStore('the disk of the store is full', `{ url: "${urls.full}" }`),
        fileOf('the store keeps a month', withDevice(garage, `store: { url: "${urls.shortLived}" }\n`), {
          shows: /keeps nothing older/,
        }),
      ],
    },
    {
      title: 'On this machine',
      mistakes: [
        fileOf('a file in place of the state folder', withDevice(garage, 'stateDir: ./state\n'), {
          files: { state: '' },
        }),
        fileOf('a state folder of a newer version', withDevice(garage, 'stateDir: .\n'), {
          files: { 'version.json': '{"version":9,"program":"9.0.0"}' },
        }),
        fileOf('a port that is taken', withDevice(garage).replace('127.0.0.1:0', new URL(urls.grafana).host), {
          shows: /^\w+ +web/,
        }),
      ],
    },
    {
      title: 'On the command line',
      mistakes: [
        { is: 'a command that does not exist', args: ['chek'] },
        { is: 'an option that does not exist', args: ['load', '--from-cart', '.'] },
        { is: 'a time that is none', args: ['load', '--since', 'yesterday'] },
        {
          is: 'a day in the future',
          args: ['load', '--since', '2099-01-01'],
          config: withDevice(garage),
        },
        {
          is: 'an end before the start',
          args: ['verify', '--since', '2024-05-31', '--until', '2024-05-01'],
          config: withDevice(garage),
        },
        { is: 'a device that the configuration does not have', args: ['sync', 'garrage'], config: withDevice(garage) },
        { is: 'a format that does not exist', args: ['export', '--format', 'xlsx'] },
        {
          is: 'a zone that does not exist',
          args: ['export', '--timezone', 'Berlin'],
          config: withDevice(garage),
        },
        {
          is: 'a folder that is no SD card',
          args: ['load', 'garage', '--from-card', '/media/card'],
          config: withDevice(garage),
        },
        {
          is: '`simulate` on a port that is taken',
          args: ['simulate', '--days', '1', '--port', new URL(urls.grafana).port],
        },
        { is: '`init` with an address where nothing answers', args: ['init', '--device', urls.nobody] },
        { is: '`init` where there is a configuration', args: ['init', '--device', garage], config: withDevice(garage) },
        { is: '`init` without a terminal', args: ['init'] },
      ],
    },
  ]
}

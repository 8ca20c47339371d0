import { describe, expect, test } from 'vitest'
import { loadText, mistakesIn } from '../../test/test-config.ts'

const DEVICES = 'devices:\n  - { name: a, url: http://a }\n'
const TO = 'alerts: { to: [{ type: webhook, url: http://a }]'

describe('a mistake is named with its place, what was found and what was expected', () => {
  test.each([
    [
      'interval: 5 minutes',
      'c.yaml:1:11 interval: found "5 minutes"; expected a duration in full minutes from 1m to 1d, such as 5m',
    ],
    ['interval: 90s', 'c.yaml:1:11 interval: found "90s"; expected a duration in full'],
    ['interval: 2d', 'c.yaml:1:11 interval: found "2d"; expected a duration in full minutes from 1m to 1d'],
    ['interval: 300', 'c.yaml:1:11 interval: found 300; expected a duration'],
    ['interval:', 'c.yaml:1:1 interval: found nothing; expected a duration'],
    [
      'intervall: 5m',
      'c.yaml:1:1 intervall: found an unknown key (did you mean "interval"?); expected one of store, stateDir,',
    ],
    ['zebra: 5m', 'c.yaml:1:1 zebra: found an unknown key; expected one of store,'],
    ['max_device_load: 5%', '(did you mean "maxDeviceLoad"?)'],
    ['maxDeviceLoad: 0%', 'c.yaml:1:16 maxDeviceLoad: found "0%"; expected a percentage from 1% to 100%, such as 25%'],
    ['maxDeviceLoad: 0.25', 'found 0.25; expected a percentage'],
    ['backfill: "yes"', 'c.yaml:1:11 backfill: found "yes"; expected true or false'],
    ['metric: my power', 'c.yaml:1:9 metric: found "my power"; expected a metric name'],
    [
      'chunk: 7d\nchunk: 8d',
      'c.yaml:2:1 chunk: found this key a second time; expected it once (the first is in line 1)',
    ],
    [
      'house: { groups: { __proto__: [Oven] } }',
      'c.yaml:1:20 house.groups.__proto__: found a key that no mapping can have; expected another name',
    ],
    ['web: { listen: 8480 }', 'c.yaml:1:16 web.listen: found 8480; expected host:port such as 127.0.0.1:8480'],
    ['web: { listen: "localhost:99999" }', 'web.listen: found "localhost:99999"; expected host:port'],
    [
      'web: { listen: ":8480" }',
      'c.yaml:1:16 web.listen: found :8480, where others than this machine can ask, and no token; expected tokenFile beside it',
    ],
    ['web: { listen: "192.168.1.5:8480" }', 'and no token'],
    ['web: { listen: "nas.local:8480" }', 'and no token'],
    ['web: { listen: "[::]:8480" }', 'and no token'],
    ['web: { token: 0123456789abcde }', 'web.token: found a text (not shown); expected at least 16 letters'],
    ['web: { trustedProxies: [proxy] }', 'web.trustedProxies[0]: found "proxy"; expected an IP address such as'],
    ['web: { trustedProxies: [10.0.0.0/33] }', 'web.trustedProxies[0]: found "10.0.0.0/33"; expected an IP address'],
    ['web: { frameAncestors: ["https://a/b"] }', 'web.frameAncestors[0]: found "https://a/b"; expected self, or the'],
    ['web: { frameAncestors: ["*"] }', 'web.frameAncestors[0]: found "*"; expected self, or the'],
    ['web: { allowedHosts: ["http://a"] }', 'web.allowedHosts[0]: found "http://a"; expected a host name'],
    [
      'web: { live: 500ms }',
      'c.yaml:1:14 web.live: found "500ms"; expected a duration from 1s to 5m, such as 5s, or off',
    ],
    ['web: { live: 10m }', 'web.live: found "10m"; expected a duration from 1s to 5m'],
    ['web: { live: 0s }', 'web.live: found "0s"; expected a duration from 1s to 5m'],
    ['web: { live: 5 }', 'web.live: found 5; expected a duration from 1s to 5m'],
    ['web: { live: false }', 'web.live: found false; expected a duration from 1s to 5m, such as 5s, or off'],
    ['web: { maxAge: 90s }', 'web.maxAge: found "90s"; expected a duration in full minutes'],
    ['alerts: {}', 'alerts.to: found nothing; expected a list of receivers, each with type and url'],
    ['alerts: { to: [] }', 'alerts.to: found a list; expected at least one receiver'],
    [
      'alerts: { to: [{ type: ntfi, url: http://a }] }',
      'alerts.to[0].type: found "ntfi"; expected one of ntfy, webhook (did you mean "ntfy"?)',
    ],
    [`${TO}, quietHours: 22 } `, 'alerts.quietHours: found 22; expected hours from and to, such as 22-07'],
    [`${TO}, quietHours: 22-24 }`, 'alerts.quietHours: found "22-24"; expected hours from and to'],
    [`${TO}, quietHours: 7-07:00 }`, 'alerts.quietHours: found "7-07:00"; expected hours from and to'],
    [
      `${TO}, noData: never }`,
      'alerts.noData: found "never"; expected a duration in full minutes from 1m to 30d, such as 15m, or off',
    ],
    [
      `${TO}, circuits: [{ circuit: a, above: 1, below: 2 }] }`,
      'alerts.circuits[0].below: found beside above; expected one of the two',
    ],
    [`${TO}, circuits: [{ circuit: a }] }`, 'alerts.circuits[0].above: found nothing; expected above or below'],
    [`${TO}, circuits: [{ circuit: a, above: "5W" }] }`, 'above: found "5W"; expected a number of watts'],
    ['log: { level: warning }', 'log.level: found "warning"; expected one of debug, info, warn, error'],
    ['log: { level: wran }', '(did you mean "warn"?)'],
    ['log: loud', 'c.yaml:1:6 log: found "loud"; expected a mapping with level and format'],
    [
      'store: http://vm:8428',
      'c.yaml:1:8 store: found "http://vm:8428"; expected a mapping such as { url: http://victoriametrics:8428 }',
    ],
    [
      'store: { type: influx }',
      'c.yaml:1:16 store.type: found "influx"; expected one of victoriametrics, influxdb, embedded',
    ],
    [
      'store: { type: victoriametrics }',
      'c.yaml:1:8 store.url: found nothing; expected the address of VictoriaMetrics',
    ],
    ['store: { token: x }', 'store.url: found nothing'],
    [
      'store: { type: embedded, url: http://vm }',
      'c.yaml:1:26 store.url: found beside type: embedded; expected no other key',
    ],
    ['store: { url: http://a, writeUrl: http://b, readUrl: http://c }', 'store.url: found beside writeUrl or readUrl'],
    ['store: { writeUrl: http://b }', 'store.readUrl: found nothing; expected the address of vmselect beside writeUrl'],
    ['store: { readUrl: http://b }', 'store.writeUrl: found nothing; expected the address of vminsert'],
    [
      'store: { writeUrl: "http://i/insert/4:1/prometheus", readUrl: "http://s/select/4:2/prometheus" }',
      'store.readUrl: found tenant 4:2; expected 4:1, which writeUrl has',
    ],
    [
      'store: { writeUrl: "http://i/insert/4/prometheus", readUrl: "http://s/select/4:2/prometheus" }',
      'store.readUrl: found tenant 4:2; expected 4:0',
    ],
    [
      'store: { writeUrl: "http://i/insert/4:1/prometheus", readUrl: "http://s/p/select/multitenant/prometheus" }',
      'store.readUrl: found tenant multitenant; expected 4:1',
    ],
    [
      'store: { url: "vm:8428" }',
      'expected an address such as http://victoriametrics:8428 (did you mean "http://vm:8428"?)',
    ],
    [
      'store: { url: ftp://vm }',
      'found "ftp://vm"; expected an address such as http://victoriametrics:8428, with http or https',
    ],
    ['store: { url: "http://" }', 'found "http://"; expected an address'],
    ['store: { url: http://vm/api/v1/import }', 'expected the address without /api/v1/import, which is added'],
    ['store: { url: "http://vm/?x=1" }', 'found an address with ? or # in it; expected host, port and path alone'],
    ['store: { url: http://vm, username: u }', 'c.yaml:1:26 store.username: found a user without a password'],
    [
      'store: { url: http://vm, password: p }',
      'store.username: found nothing; expected the user whose password is given',
    ],
    ['store: { url: http://vm, username: u, password: p, token: t }', 'expected one way to log in'],
    ['store: { url: http://vm, token: t, headers: { authorization: x } }', 'expected one way to log in'],
    [
      'store: { url: http://vm, token: t, tokenFile: there }',
      'store.tokenFile: found beside token; expected one of the two',
    ],
    ['store: { url: http://vm, tokenFile: f }', 'store.tokenFile: found a path that cannot be read (ENOENT'],
    ['store: { url: http://vm, tokenFile: empty }', 'store.tokenFile: found nothing in'],
    ['store: { url: http://vm, caFile: empty }', 'store.caFile: found no certificate in'],
    [
      'store: { url: http://vm, headers: { "a b": x } }',
      'c.yaml:1:37 store.headers.***: found "***"; expected the name of a header',
    ],
    ['labels: { a: b }', 'c.yaml:1:9 labels: found a mapping; expected a list of rules'],
    ['labels: [{ match: "", set: {} }]', 'labels[0].match: found ""; expected a pattern'],
    [
      'labels: [{ match: "/(/", set: {} }]',
      'labels[0].match: found "/(/"; expected a regular expression between slashes that compiles',
    ],
    ['labels: [{ match: "*" }]', 'labels[0].set: found nothing; expected a mapping of label names'],
    ['labels: [{ match: "*", set: { type: 1 } }]', 'labels[0].set.type: found 1; expected text, in quotes'],
    ['labels: [{ match: "*", set: { type: "" } }]', 'labels[0].set.type: found ""; expected text of 1'],
    ['labels: [{ match: "*", set: { 1st: x } }]', 'labels[0].set.1st: found "1st"; expected a label name'],
    ['labels: [{ match: "*", set: { __name__: x } }]', 'found "__name__"; expected a label name'],
    ['labels: [{ match: "*", set: { device: x } }]', 'found "device"; expected a label name'],
    ['labels: [{ match: "*", set: { location: x } }]', 'found "location"; expected a label name'],
    ['house: { timezone: Berlin }', 'c.yaml:1:20 house.timezone: found "Berlin"; expected a time zone such as'],
    ['house: { wiring: above }', 'house.wiring: found "above"; expected one of ahead, behind'],
    ['house: { mains: Mains_1 }', 'house.mains: found "Mains_1"; expected labels that a channel must have'],
    ['house: { groups: { Heat: { hvac: true } } }', 'house.groups.Heat.hvac: found true; expected text, in quotes'],
    ['house: { names: { A: " B" } }', 'house.names.A: found " B"; expected a name of 1 to 60 characters'],
    ['house: { names: { A: C, B: C } }', 'house.names.B: found "C"; expected a name that no other channel has'],
    ['house: { colours: { A: gren } }', 'house.colours.A: found "gren"; expected one of orange, violet, green'],
    ['house: { groups: { Heat: [1] } }', 'house.groups.Heat[0]: found 1; expected a location, in quotes'],
    ['currency: euro', 'c.yaml:1:11 currency: found "euro"; expected the code of a currency, such as USD or EUR'],
    ['billing: { day: 32 }', 'c.yaml:1:17 billing.day: found 32; expected a day of the month, 1 to 31'],
    ['billing: { starts: [2026-02-30] }', 'billing.starts[0]: found "2026-02-30"; expected a date such as 2026-01-14'],
    [
      'billing: { starts: [2026-02-03, 2026-01-03] }',
      'billing.starts[1]: found 2026-01-03 after 2026-02-03; expected the dates in order',
    ],
    [
      'holidays: 2026-01-01',
      'holidays: found "2026-01-01"; expected a list of dates such as [2026-01-01, 2026-12-25], or',
    ],
    ['holidays: {}', 'holidays.country: found nothing; expected a code such as US or CA'],
    [
      'holidays: { country: UK }',
      'c.yaml:1:22 holidays.country: found "UK"; expected the code of a country, such as US or DE (did you mean "GB"?)',
    ],
    ['holidays: { country: Germany }', '(did you mean "DE"?)'],
    ['holidays: { country: us }', '(did you mean "US"?)'],
    ['holidays: { country: UX }', 'such as US or DE; with this letter: UA, UG, US, UY, UZ'],
    ['holidays: { country: US, state: XX }', 'holidays.state: found "XX"; expected one of AL, AK, AZ,'],
    ['holidays: { country: FI, state: X }', 'found "X"; expected no state, as FI has none with holidays of its own'],
    ['holidays: { country: DE, region: A }', 'holidays.region: found a region without a state; expected both'],
    ['holidays: { country: DE, state: BY, region: B }', 'holidays.region: found "B"; expected one of A, KATH, EVANG'],
    ['holidays: { country: FR, state: 67 }', 'holidays.state: found 67; expected a code such as US or CA, in quotes'],
    ['holidays: { country: US, add: [1 Jan] }', 'holidays.add[0]: found "1 Jan"; expected a date such as 2026-01-14'],
    [
      'tariffs: [{ name: A, import: [{ price: 1 }] }]',
      'currency: found nothing; expected the currency of the tariffs, such as USD or EUR',
    ],
    ['migrate: Power', 'c.yaml:1:10 migrate: found "Power"; expected a mapping with metric and labels'],
    ['migrate: { metric: "Power_{loc}" }', 'migrate.metric: found "Power_{loc}"; expected the name of a metric'],
    ['migrate: { metric: "" }', 'migrate.metric: found ""; expected the name of a metric'],
    ['migrate: { labels: { host: "{}" } }', 'migrate.labels.host: found "{}"; expected text, in which {location}'],
    ['migrate: { labels: { host: 1 } }', 'migrate.labels.host: found 1; expected text, in which {location}'],
    ['migrate: { labels: { __name__: x } }', 'found "__name__"; expected a label name'],
  ])('%s', async (text, expected) =>
    expect(await mistakesIn(`${text}\n${DEVICES}`, { files: { empty: '', there: 's' } })).toEqual([
      expect.stringContaining(expected),
    ]),
  )

  test.each([
    ['{ import: [{ price: 1 }] }', 'c.yaml:3:5 tariffs[0].name: found nothing; expected a name'],
    [
      '{ name: A }',
      'tariffs[0].import: found nothing; expected a list of periods such as [{ price: 0.31 }], or a mapping',
    ],
    ['{ name: A, import: [] }', 'tariffs[0].import: found a list; expected at least one period'],
    [
      '{ name: A, import: [{ prise: 1 }] }',
      'prise: found an unknown key (did you mean "price"?); expected one of name,',
    ],
    [
      '{ name: A, import: [{ name: x }] }',
      'c.yaml:3:25 tariffs[0].import[0]: found neither price nor tiers; expected one',
    ],
    [
      '{ name: A, import: [{ price: "0.3" }] }',
      'tariffs[0].import[0].price: found "0.3"; expected a number such as 0.25',
    ],
    [
      '{ name: A, import: [{ price: 1, hours: 16-21 }] }',
      'c.yaml:3:24 tariffs[0].import: found no period for 00:00 of a Sun, 01-01; expected that periods cover every minute',
    ],
    [
      '{ name: A, import: [{ price: 1, days: Mon-Sat }, { price: 1, days: Sun, hours: 02-24 }] }',
      'tariffs[0].import: found no period for 00:00 of a Sun, 01-01',
    ],
    [
      '{ name: A, import: [{ price: 1 }, { price: 2, days: holiday }] }',
      'c.yaml:3:39 tariffs[0].import[1]: found a period that never applies, as no holidays are given; expected',
    ],
    [
      '{ name: A, import: [{ price: 1 }, { price: 2, hours: 16-21 }, { price: 3, hours: 15-22 }] }',
      'tariffs[0].import[1]: found a period that never applies, as later ones in the list take all its minutes',
    ],
    [
      '{ name: A, import: [{ price: 1 }], export: [{ price: 2 }, { price: 3 }] }',
      'tariffs[0].export[0]: found a period that never applies',
    ],
    ['{ name: A, import: [{ price: 1, hours: 16-16 }] }', 'hours: found "16-16"; expected hours such as 16-21'],
    ['{ name: A, import: [{ price: 1, hours: 16-25 }] }', 'hours: found "16-25"; expected hours such as'],
    [
      '{ name: A, import: [{ price: 1 }, { price: 2, hours: [22-06, 05-08] }] }',
      'tariffs[0].import[1].hours: found hours that overlap; expected each hour once',
    ],
    ['{ name: A, import: [{ price: 1, months: June }] }', 'months: found "June"; expected months such as Jun-Oct'],
    ['{ name: A, import: [{ price: 1, days: [Mon, Frii] }] }', 'days[1]: found "Frii"; expected days such as Mon-Fri'],
    [
      '{ name: A, import: [{ price: 1 }, { price: 2, from: 06-15 }] }',
      'import[1]: found from without to; expected both',
    ],
    [
      '{ name: A, import: [{ price: 1 }, { price: 2, from: 02-30, to: 03-01 }] }',
      'from: found "02-30"; expected a day of',
    ],
    [
      '{ name: A, import: [{ tiers: [{ upTo: 5, price: 1 }] }] }',
      'tiers[0]: found a limit at the last tier; expected one more without upTo',
    ],
    [
      '{ name: A, import: [{ tiers: [{ upTo: 5, price: 1 }, { upTo: 4, price: 1 }, { price: 2 }] }] }',
      'tiers[1]: found a limit that is not above the one before',
    ],
    [
      '{ name: A, import: [{ price: 1 }], tiers: [{ add: 1 }, { upTo: 4, add: 2 }] }',
      'tariffs[0].tiers[1]: found a tier after one without a limit',
    ],
    ['{ name: A, import: [{ price: 1 }], tax: 8.5 }', 'tariffs[0].tax: found 8.5; expected a percentage such as 8.5%'],
    [
      '{ name: A, import: [{ price: 1 }], demand: [{ window: 20m, pricePerKw: 1 }] }',
      'demand[0].window: found "20m"; expected one of 15m, 30m, 60m',
    ],
    [
      '{ name: A, netting: bill, import: { file: prices.csv } }',
      'tariffs[0].import: found a price file beside netting: bill; expected periods with a price',
    ],
    [
      '{ name: A, netting: bill, import: [{ tiers: [{ price: 1 }] }] }',
      'tariffs[0].import: found tiers beside netting: bill',
    ],
    [
      '{ name: A, since: 2026-02-01, until: 2026-02-01, import: [{ price: 1 }] }',
      'c.yaml:3:42 tariffs[0].until: found 2026-02-01; expected a day after since, 2026-02-01',
    ],
    [
      '{ name: A, since: 2026-02-01, import: [{ price: 1 }] }\n  - { name: A, since: 2026-02-01, import: [{ price: 2 }] }',
      'c.yaml:4:23 tariffs[1].since: found 2026-02-01 as in tariffs[0]; expected a later day for the next version of "A"',
    ],
    [
      '{ name: A, import: [{ price: 1 }] }\n  - { name: A, since: 2026-02-01, import: [{ price: 2 }] }',
      'tariffs[0].since: found nothing, and another "A" in tariffs[1]; expected the first day of each version',
    ],
    ['{ name: A, import: { file: none.csv } }', 'tariffs[0].import.file: found a file that cannot be read (ENOENT'],
    [
      '{ name: A, import: { file: wrong.csv } }',
      'tariffs[0].import.file: wrong.csv:3: found "2026-01-01" after a time that is not before it; expected times in order',
    ],
  ])('a tariff %s', async (tariff, expected) => {
    const files = { 'prices.csv': 'time,price\n', 'wrong.csv': 'time,price\n2026-01-02,1\n2026-01-01,1\n' }
    const text = `devices: [{ name: a, url: http://a }]\ntariffs:\n  - ${tariff}\ncurrency: EUR\n`
    expect(await mistakesIn(text, { files })).toEqual([expect.stringContaining(expected)])
  })

  test.each([
    [
      '{ name: a, url: http://a, type: iotawat }',
      'devices[0].type: found "iotawat"; expected one of iotawatt (did you mean "iotawatt"?)',
    ],
    ['{ name: a }', 'c.yaml:2:5 devices[0].url: found nothing; expected an address such as http://iotawatt.local'],
    ['{ url: http://a }', 'devices[0].name: found nothing; expected a name'],
    ['{ name: "", url: http://a }', 'devices[0].name: found ""; expected a name: 1 to 200 characters'],
    ['{ name: 5, url: http://a }', 'devices[0].name: found 5; expected a name'],
    ['{ name: a, url: 192.168.1.5 }', '(did you mean "http://192.168.1.5"?)'],
    [
      '{ name: a, url: http://a, since: yesterday }',
      'devices[0].since: found "yesterday"; expected a date such as 2021-09-18',
    ],
    ['{ name: a, url: http://a, since: 2021-02-29 }', 'devices[0].since: found "2021-02-29"; expected a date'],
    ['{ name: a, url: http://a, username: u }', 'devices[0].username: found a user without a password'],
    ['{ name: a, url: http://a, password: p, passwordFile: there }', 'devices[0].passwordFile: found beside password'],
    ['{ name: a, url: https://a, caFile: f }', 'devices[0].caFile: found a path that cannot be read (ENOENT'],
    [
      '{ name: a, url: http://a, passwordFile: f }',
      'devices[0].passwordFile: found a path that cannot be read (ENOENT',
    ],
    ['{ name: a, url: http://a, channels: [] }', 'devices[0].channels: found a list; expected at least one channel'],
    [
      '{ name: a, url: http://a, channels: Mains_1 }',
      'devices[0].channels: found "Mains_1"; expected a list of channels',
    ],
    [
      '{ name: a, url: http://a, channels: [a.b] }',
      'c.yaml:2:42 devices[0].channels[0]: found "a.b"; expected the name of a channel',
    ],
    [
      '{ name: a, url: http://a, channels: ["a,b"] }',
      'devices[0].channels[0]: found "a,b"; expected the name of a channel',
    ],
    [
      '{ name: a, url: http://a, channels: [time] }',
      'devices[0].channels[0]: found "time"; expected the name of a channel',
    ],
    ['{ name: a, url: http://a, channels: [""] }', 'devices[0].channels[0]: found ""; expected the name of a channel'],
    [
      '{ name: a, url: http://a, channels: [7] }',
      'devices[0].channels[0]: found 7; expected the name of a channel, or a mapping',
    ],
    [
      '{ name: a, url: http://a, channels: [{ name: x, unit: volt }] }',
      'found "volt"; expected one of watts, volts, amps, hz, pf, va, var, wh (did you mean "volts"?)',
    ],
    [
      '{ name: a, url: http://a, channels: [{ name: x, metrik: y }] }',
      'devices[0].channels[0].metrik: found an unknown key (did you mean "metric"?); expected one of name, location, unit, metric, since',
    ],
    [
      '{ name: a, url: http://a, channels: [{ location: x }] }',
      'devices[0].channels[0].name: found nothing; expected the name of a channel',
    ],
    [
      '{ name: a, url: http://a, channels: [x, x] }',
      'c.yaml:2:45 devices[0].channels[1]: found metric "power" and location "x" as in devices[0].channels[0]',
    ],
    [
      '{ name: a, url: http://a, channels: [x, { name: y, location: x }] }',
      'found metric "power" and location "x" as in devices[0].channels[0]',
    ],
    [
      '{ name: a, url: http://a, channels: [{ name: x, unit: va }, { name: x, metric: apparent_power }] }',
      'found metric "apparent_power" and location "x" as in',
    ],
    [
      '{ name: a, url: http://a }\n  - { name: a, url: http://b }',
      'c.yaml:3:13 devices[1].name: found "a" as in devices[0].name',
    ],
    [
      '{ name: a, url: http://a }\n  - { name: b, url: http://a/ }',
      'c.yaml:3:21 devices[1].url: found "http://a" as in devices[0].url',
    ],
  ])('a device %s', async (device, expected) =>
    expect(await mistakesIn(`devices:\n  - ${device}\n`, { files: { there: 's' } })).toEqual([
      expect.stringContaining(expected),
    ]),
  )

  test.each([
    ['', 'c.yaml:1:1: found nothing; expected a mapping of settings, with devices at least'],
    ['# nothing yet\n', 'found nothing; expected a mapping of settings'],
    ['- a\n', 'c.yaml:1:1: found a list; expected a mapping of settings'],
    ['interval: 5m\n', 'c.yaml:1:1 devices: found nothing; expected a list of devices, each with name and url'],
    ['devices: []\n', 'c.yaml:1:10 devices: found a list; expected at least one device'],
    ['devices:\n\t- name: a\n', 'found a tab; expected spaces, which alone indent YAML'],
    ['a: [1\n', 'c.yaml:2:1: not YAML: '],
    ['a: 1\nstore: "x\nb: 2\nc: 3\n', 'c.yaml:2:8: found a quote that is opened here and not closed; expected'],
    ["a: 1\nb: { c: 'it, d: 1 }\n", 'c.yaml:2:9: found a quote that is opened here and not closed'],
    ['a:\n  - b: "x\n    c: "y"\n', 'c.yaml:2:8: found a quote that is opened here and not closed'],
    ['b: "two\n  lines"\na: "x', 'c.yaml:3:4: found a quote that is opened here and not closed'],
    ['a: 1\n---\nb: 2\n', 'found a second document (---); expected one'],
    ['devices: [{ name: "a\\uD800", url: http://a }]\n', 'expected a name: 1 to 200 characters'],
    [`${DEVICES}labels: [{ match: a, set: { b: "c\\x01" } }]\n`, 'expected text of 1 to 1000 characters'],
    [`${DEVICES}metric: *x\n`, 'found an alias (*) that cannot be followed'],
    [`${DEVICES}metric: !secret x\n`, 'c.yaml:3:9: found a text that begins with !; expected quotes around it'],
  ])('a file %j', async (text, expected) => expect(await mistakesIn(text)).toEqual([expect.stringContaining(expected)]))
})

test('all mistakes come at once, in the order of the file', async () => {
  const text = `interval: 5 min
chunk: 7d
store: { url: vm, tokn: x }
devices:
  - { name: a, url: http://a, channels: [x.y] }
  - { name: a, url: http://b, channels: [x, x] }
chunk: 8d
`
  const places = (await mistakesIn(text)).map((mistake) => mistake.split(': ')[0])
  expect(places).toEqual([
    'c.yaml:1:11 interval',
    'c.yaml:3:15 store.url',
    'c.yaml:3:19 store.tokn',
    'c.yaml:5:42 devices[0].channels[0]',
    'c.yaml:6:13 devices[1].name',
    'c.yaml:6:45 devices[1].channels[1]',
    'c.yaml:7:1 chunk',
  ])
})

test('the message is one line per mistake, then what to do', async () => {
  const error: unknown = await loadText('interval: 5\nchunk: 6\n').catch((reason: unknown) => reason)
  expect(String(error).split('\n')).toHaveLength(4)
  expect(String(error).split('\n').at(-1)).toBe(
    '3 mistakes in the configuration. To check again afterwards: iotawatt-sync check.',
  )
})

const many = (count: number, part: (index: number) => string, between: string) =>
  Array.from({ length: count }, (_, index) => part(index)).join(between)

test.each([
  ['unknown keys', (n: number) => `${many(n, (i) => `key${i}: 1`, '\n')}\n${DEVICES}`],
  ['unknown keys of a store', (n: number) => `store: { ${many(n, (i) => `key${i}: 1`, ', ')} }\n${DEVICES}`],
  ['names of headers', (n: number) => `store: { headers: { ${many(n, (i) => `k ${i}: x`, ', ')} } }\n${DEVICES}`],
  ['repeated keys', (n: number) => `${many(n, () => 'interval: 5m', '\n')}\n${DEVICES}`],
  ['empty devices', (n: number) => `devices: [${many(n, () => '{}', ', ')}]`],
  ['repeated devices', (n: number) => `devices: [${many(n, () => '{ name: a, url: http://a }', ', ')}]`],
  ['tabs', (n: number) => `${DEVICES}${many(n, () => '\t- a', '\n')}`],
])('of very many %s, 50 mistakes are named', async (_, textOf) => {
  const error: unknown = await loadText(textOf(500)).catch((reason: unknown) => reason)
  const lines = String(error).split('\n')
  expect(lines).toHaveLength(51)
  expect(lines.at(-1)).toBe(
    'More than 50 mistakes in the configuration; 50 are named. To check again afterwards: iotawatt-sync check.',
  )
})

test('50 mistakes are all that there are', async () => {
  const error: unknown = await loadText(`${many(50, (i) => `key${i}: 1`, '\n')}\n${DEVICES}`).catch(String)
  expect(String(error)).toContain('\n50 mistakes in the configuration. To check')
})

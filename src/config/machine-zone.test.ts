import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findMachineZone } from './machine-zone.ts'
import { loadText } from '../../test/test-config.ts'

const DEVICES = 'devices: [{ name: a, url: http://a }]\n'

test.each([
  ['Europe/Berlin', 'Europe/Berlin'],
  ['europe/berlin', 'Europe/Berlin'],
  [':America/New_York', 'America/New_York'],
  ['posix/Asia/Kolkata', expect.stringMatching(/^Asia\/(Kolkata|Calcutta)$/)],
  ['/usr/share/zoneinfo/Europe/Berlin', 'Europe/Berlin'],
  [':/usr/share/zoneinfo/posix/Europe/Berlin', 'Europe/Berlin'],
  ['UTC', 'UTC'],
  ['Etc/GMT+3', 'Etc/GMT+3'],
])('TZ=%s is %s', async (given, timezone) => expect(await findMachineZone({ TZ: given })).toEqual({ timezone }))

test.each([
  ['', 'TZ is set and empty: days'],
  ['Nowhere/Land', 'TZ="Nowhere/Land" is no time zone'],
  ['Etc/Unknown', 'TZ="Etc/Unknown" is no'],
  ['EST5EDT4,M3.2.0,M11.1.0', 'TZ="EST5EDT4,M3.2.0,M11.1.0" is no'],
  ['CET-1CEST,M3.5.0,M10.5.0/3', 'is no time zone'],
  ['<+03>-3', 'is no time zone'],
  ['GMT+3', 'TZ="GMT+3" is no'],
  [':', 'TZ=":" is no'],
  [':/etc/no-such-file', 'TZ=":/etc/no-such-file" is no'],
  ['/', 'TZ="/" is no'],
])('TZ=%s is UTC, with a warning', async (given, warning) => {
  const { config, warnings } = await loadText(DEVICES, { env: { TZ: given } })
  expect(config.house.timezone).toBe('UTC')
  expect(warnings).toEqual([expect.stringContaining(warning)])
  expect(warnings[0]).toContain('house.timezone')
})

test('a link such as /etc/localtime is followed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'zone-'))
  await mkdir(join(folder, 'zoneinfo/Europe'), { recursive: true })
  await writeFile(join(folder, 'zoneinfo/Europe/Berlin'), '')
  await symlink('zoneinfo/Europe/Berlin', join(folder, 'localtime'))
  expect(await findMachineZone({ TZ: `:${join(folder, 'localtime')}` })).toEqual({ timezone: 'Europe/Berlin' })
  await rm(folder, { recursive: true })
})

test.each(['', 'Etc/Unknown'])('a machine whose zone is %j is in UTC, with a warning', async (ofMachine) =>
  expect(await findMachineZone({}, ofMachine)).toEqual({
    timezone: 'UTC',
    warning: expect.stringContaining('The time zone of this machine cannot be told'),
  }),
)

test('a house that names its zone hears nothing of TZ', async () => {
  const { config, warnings } = await loadText(`house: { timezone: Europe/Berlin }\n${DEVICES}`, { env: { TZ: '' } })
  expect([config.house.timezone, warnings]).toEqual(['Europe/Berlin', []])
})

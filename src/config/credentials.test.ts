import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadText, mistakesIn } from '../../test/test-config.ts'

const FILE = 'store: { url: http://vm, tokenFile: elsewhere }\ndevices: [{ name: House two, url: http://a }]\n'
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credentials-'))
  await writeFile(join(folder, 'IOTAWATT_SYNC_STORE_TOKEN'), 't0ken\n')
  await writeFile(join(folder, 'IOTAWATT_SYNC_DEVICES_HOUSE_TWO_PASSWORD'), 'hunter2')
  await writeFile(join(folder, 'another-program'), 'x')
})
afterAll(() => rm(folder, { recursive: true }))

async function secretsOf(env: Record<string, string>) {
  const { config } = await loadText(FILE, { env, files: { elsewhere: 'old' } })
  const auth = config.store.type === 'victoriametrics' ? config.store.auth : undefined
  return [auth?.kind === 'bearer' && auth.token.reveal(), config.devices[0]?.auth?.password.reveal()]
}

test('a credential of systemd that is called as a variable counts as it', async () => {
  expect(await secretsOf({})).toEqual(['old', undefined])
  expect(await secretsOf({ CREDENTIALS_DIRECTORY: folder })).toEqual(['t0ken', 'hunter2'])
})

test('the environment itself beats it', async () => {
  const env = { CREDENTIALS_DIRECTORY: folder, IOTAWATT_SYNC_STORE_TOKEN: 'new' }
  expect(await secretsOf(env)).toEqual(['new', 'hunter2'])
})

test('one of a device that is not there is a mistake', async () => {
  const text = 'devices: [{ name: House-too, url: http://b }]'
  expect(await mistakesIn(text, { env: { CREDENTIALS_DIRECTORY: folder } })).toContainEqual(
    expect.stringContaining(
      `${folder}/IOTAWATT_SYNC_DEVICES_HOUSE_TWO_PASSWORD: found a credential for an unknown variable (did you mean "IOTAWATT_SYNC_DEVICES_HOUSE_TOO_PASSWORD"?)`,
    ),
  )
})

test('one of several lines is named, and no variable that nobody set', async () => {
  const own = await mkdtemp(join(tmpdir(), 'credentials-'))
  await writeFile(join(own, 'IOTAWATT_SYNC_DEVICES_A_PASSWORD'), 'one\ntwo')
  const text = 'devices: [{ name: a, url: http://b }]'
  expect(await mistakesIn(text, { env: { CREDENTIALS_DIRECTORY: own } })).toEqual([
    `${own}/IOTAWATT_SYNC_DEVICES_A_PASSWORD (devices[0].passwordFile): found several lines in ${own}/IOTAWATT_SYNC_DEVICES_A_PASSWORD; expected the secret alone`,
  ])
  await rm(own, { recursive: true })
})

test('a folder that cannot be read is not taken for one without secrets', async () => {
  const env = { CREDENTIALS_DIRECTORY: join(folder, 'none') }
  expect(await mistakesIn(FILE, { env, files: { elsewhere: 'x' } })).toEqual([
    expect.stringMatching(/^CREDENTIALS_DIRECTORY: found .*cannot be read/),
  ])
})

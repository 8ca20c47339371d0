import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const PROGRAM = fileURLToPath(new URL('../../bin/iotawatt-sync', import.meta.url))
const config = (zone: string) =>
  `log: { format: text }\nhouse: { timezone: ${zone} }\nmaxDeviceLoad: 100%\ndevices: [{ name: a, url: http://127.0.0.1:1 }]`

async function logOf(zone: string, env: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'log-'))
  await writeFile(join(folder, 'c.yaml'), config(zone))
  const stderr = await new Promise<string>((resolve) => {
    const options = { cwd: folder, env: { PATH: process.env['PATH'], ...env } }
    execFile(process.execPath, [PROGRAM, 'sync', '--config', 'c.yaml'], options, (_, __, said) => resolve(said))
  })
  await rm(folder, { recursive: true })
  return stderr
}

it.each([
  ['UTC', /^\[\d\d:\d\d:\d\dZ\] WARN: maxDeviceLoad is 100%/m],
  ['Asia/Kathmandu', /^\[\d\d:\d\d:\d\d\] WARN: maxDeviceLoad is 100%/m],
])('before a line of text stands the time of the house, in %s', async (zone, line) => {
  expect(await logOf(zone, {})).toMatch(line)
})

it('its level has a colour where that is asked for', async () => {
  expect(await logOf('UTC', {})).not.toContain('\u001b[')
  expect(await logOf('UTC', { FORCE_COLOR: '1' })).toContain('\u001b[')
})

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'debian-command-'))
afterAll(() => rmSync(folder, { recursive: true }))
const SERVICE = join(folder, 'etc/iotawatt-sync.yaml')
mkdirSync(join(folder, 'etc'))
mkdirSync(join(folder, 'own'))
writeFileSync(join(folder, 'own/iotawatt-sync.yaml'), '')
/** The command of the package, which prints what it would hand on. */
const script = readFileSync(new URL('../deploy/debian/iotawatt-sync', import.meta.url), 'utf8')
  .replaceAll('/etc/iotawatt-sync/iotawatt-sync.yaml', SERVICE)
  .replace(/^exec .*$/m, 'echo "${IOTAWATT_SYNC_CONFIG:-} ${IOTAWATT_SYNC_STATE_DIR:-}"')

const OF_SERVICE = `${SERVICE} /var/lib/iotawatt-sync`
const STATE_OF_SERVICE = ' /var/lib/iotawatt-sync'

test.each([
  ['a command without a configuration is meant for the service', '.', ['check'], OF_SERVICE],
  ['one beside a configuration is not', 'own', ['check'], ' '],
  ['a configuration that is named is meant', '.', ['check', '--config', 'own/iotawatt-sync.yaml'], ' '],
  ['that of the service has its state', 'own', ['check', '--config', SERVICE], STATE_OF_SERVICE],
  ['by any path', 'own', ['check', '--config=../etc/iotawatt-sync.yaml'], STATE_OF_SERVICE],
  ['init makes a configuration of its own', '.', ['init', '--device', 'a'], ' '],
  ['init makes that of the service', '.', ['init', '--output', SERVICE], STATE_OF_SERVICE],
  ['also beside another one', 'own', ['init', '--output=../etc/iotawatt-sync.yaml'], STATE_OF_SERVICE],
  ['the output of other commands is no configuration', '.', ['export', '--output', 'a.csv'], OF_SERVICE],
])('%s', (_, cwd, words, handedOn) => {
  const output = execFileSync('sh', ['-c', script, 'iotawatt-sync', ...words], {
    cwd: join(folder, cwd),
    env: { PATH: process.env['PATH'] },
    encoding: 'utf8',
  })
  expect(output).toBe(`${handedOn}\n`)
})

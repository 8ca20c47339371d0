import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readConfig } from '../src/config/load-config.ts'
import { readShard } from '../src/config/shard.ts'
import { dashboardFiles } from './grafana-queries.ts'
import { realBinary } from './real-store.ts'

interface Service {
  readonly image: string
  readonly build?: string
  readonly restart?: string
  readonly read_only?: boolean
  readonly volumes: readonly string[]
  readonly ports?: readonly string[]
  readonly command?: readonly string[]
  readonly healthcheck?: object
}

interface Job {
  readonly needs?: string | readonly string[]
  readonly permissions?: object
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> }
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[]
}

interface Workflow {
  readonly permissions?: object
  readonly jobs: Readonly<Record<string, Job>>
}

const execute = promisify(execFile)
const DEPLOY = new URL('../deploy/', import.meta.url)
const pathOf = (file: string) => fileURLToPath(new URL(file, DEPLOY))
const read = (file: string) => readFileSync(pathOf(file), 'utf8')
const compose: { services: Record<string, Service>; volumes: object } = parse(read('compose.yaml'))
const services = Object.entries(compose.services)
const ours = compose.services['iotawatt-sync'] ?? expect.unreachable()
const scrape = parse(read('scrape.yaml')).scrape_configs[0]

test('every image is of one version, or built here', () => {
  const pulled = services.filter(([, { build }]) => build === undefined).map(([, { image }]) => image)
  for (const image of pulled) expect(image).toMatch(/:v?\d+\.\d+\.\d+$/)
  expect(existsSync(pathOf(`${ours.build}/Dockerfile`))).toBe(true)
})

test('our image is the one that a variable names, or the one that is built', () => {
  const [, byDefault] = /^\$\{IOTAWATT_SYNC_IMAGE:-(.*)\}$/.exec(ours.image) ?? []
  expect(byDefault).toBe('iotawatt-sync')
})

test('what is mounted is there, and every service that stays says how it is', () => {
  const sources = services.flatMap(([, { volumes }]) => volumes.map((volume) => volume.split(':')[0] ?? ''))
  const isThere = (source: string) =>
    source.startsWith('.') ? existsSync(pathOf(source)) : Object.keys(compose.volumes).includes(source)
  expect(sources.filter((source) => !isThere(source))).toEqual([])
  const silent = services.filter(([, { restart, healthcheck }]) => restart !== undefined && healthcheck === undefined)
  expect(silent.map(([name]) => name)).toEqual(['iotawatt-sync'])
  expect(readFileSync(pathOf(`${ours.build}/Dockerfile`), 'utf8')).toContain('HEALTHCHECK')
})

test('compose takes the file, in version 1 of Debian too, and calls the project as it was called', () => {
  expect(Object.keys(compose)).toEqual(['services', 'volumes'])
  expect(read('.env')).toMatch(/^COMPOSE_PROJECT_NAME=iotawatt-sync$/m)
})

test('nothing is open to other machines, and ours writes to /data alone', () => {
  for (const port of services.flatMap(([, { ports = [] }]) => ports)) expect(port).toMatch(/^127\.0\.0\.1:/)
  expect(ours.read_only).toBe(true)
  expect(ours.volumes.filter((volume) => !volume.endsWith(':ro'))).toEqual([
    './iotawatt-sync.yaml:/config/iotawatt-sync.yaml',
    'iotawatt-data:/data',
  ])
})

test('VictoriaMetrics keeps everything', () => {
  expect(compose.services['victoriametrics']?.command).toContain('-retentionPeriod=100y')
})

test('the configuration, the scraper, the data source and the dashboards agree on where things are', async () => {
  const text = read('iotawatt-sync.yaml')
  const env = { IOTAWATT_SYNC_WEB_TOKEN: '0123456789abcdef' }
  const { config, warnings } = await readConfig(text, { path: pathOf('iotawatt-sync.yaml'), shownPath: 'c.yaml', env })
  expect(warnings).toEqual([])
  const [source] = parse(read('grafana/provisioning/datasources/victoriametrics.yaml')).datasources
  const [provider] = parse(read('grafana/provisioning/dashboards/iotawatt-sync.yaml')).providers
  const { web } = parse(text)
  expect(config.store).toMatchObject({ address: { url: source.url } })
  expect(new URL(source.url).hostname).toBe('victoriametrics')
  expect(scrape.static_configs[0].targets).toEqual([`${web.allowedHosts[0]}${web.listen}`])
  expect(Object.keys(compose.services)).toContain(web.allowedHosts[0])
  expect(scrape.authorization.credentials_file).toBe(web.tokenFile)
  expect(compose.services['grafana']?.volumes).toContain(`./grafana/dashboards:${provider.options.path}:ro`)
})

test('the alerts know the daemon by the name that the scraper gives it', () => {
  expect(read('alerts.yaml')).toContain(`up{job="${scrape.job_name}"}`)
})

test('the documentation has every dashboard and every alert', () => {
  const text = readFileSync(new URL('../docs/grafana.md', import.meta.url), 'utf8')
  const alerts: { alert: string }[] = parse(read('alerts.yaml')).groups[0].rules
  const names = [...alerts.map(({ alert }) => alert), ...[...dashboardFiles.values()].map(({ uid }) => uid)]
  expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([])
  expect(names.length).toBe(13)
})

test.skipIf(!realBinary)('VictoriaMetrics reads what to scrape', async () => {
  await execute(realBinary as string, [`-promscrape.config=${pathOf('scrape.yaml')}`, '-promscrape.config.dryRun'])
})

test('Kubernetes gets a configuration without mistakes, the version of the package, and probes that are answered', async () => {
  const { resources, images, configMapGenerator } = parse(read('kubernetes/kustomization.yaml'))
  for (const file of [...resources, ...configMapGenerator[0].files])
    expect(existsSync(pathOf(`kubernetes/${file}`))).toBe(true)
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  expect(images[0].newTag).toBe(version)
  const [variable = '', given = ''] = read('kubernetes/token.env').trim().split('=')
  const withToken = (token: string) =>
    readConfig(read('kubernetes/iotawatt-sync.yaml'), {
      path: pathOf('kubernetes/iotawatt-sync.yaml'),
      shownPath: 'c.yaml',
      env: { [variable]: token },
    })
  await expect(withToken(given), 'a token that everybody knows').rejects.toThrow('IOTAWATT_SYNC_WEB_TOKEN')
  const { config, warnings } = await withToken('0123456789abcdef')
  expect(warnings).toEqual([])
  const { replicas, template } = parse(read('kubernetes/stateful-set.yaml')).spec
  const { containers } = template.spec
  const shard = containers[0].env.find(({ name }: { name: string }) => name === 'IOTAWATT_SYNC_SHARD')
  const podOf = (ordinal: number) => readShard(shard.value.replace('$(POD_NAME)', `iotawatt-sync-${ordinal}`))
  expect(podOf(replicas - 1)).toEqual({ value: { index: replicas, count: replicas } })
  const [{ ports, startupProbe, livenessProbe, readinessProbe, securityContext }] = containers
  expect(ports[0].containerPort).toBe(config.web.port)
  for (const probe of [startupProbe, livenessProbe, readinessProbe])
    expect(probe.httpGet).toEqual({ path: '/healthz', port: ports[0].name })
  expect(securityContext.readOnlyRootFilesystem).toBe(true)
})

test('the first start of a container makes a configuration that serves its page, and later ones leave it', async () => {
  const data = await mkdtemp(join(tmpdir(), 'container-'))
  const program = `#!/bin/sh
    echo "$*" >>${data}/calls
    while [ $# -gt 1 ]; do [ "$1" != --output ] || echo 'devices: [{ name: a, url: "http://127.0.0.1:1" }]' >"$2"; shift; done`
  await writeFile(join(data, 'iotawatt-sync'), program, { mode: 0o755 })
  const start = (env: Readonly<Record<string, string>>) =>
    execute('sh', ['-c', read('docker-entrypoint').replaceAll('/data', data), 'sh', 'run'], {
      env: { PATH: `${data}:${process.env['PATH']}`, ...env },
    })
  await start({})
  await start({ INIT_DEVICES: 'http://10.0.0.1 b=http://10.0.0.2' })
  await start({ INIT_DEVICES: 'http://10.0.0.3' })
  const file = join(data, 'iotawatt-sync.yaml')
  expect((await readFile(join(data, 'calls'), 'utf8')).split('\n')).toEqual([
    'run',
    `init --device http://10.0.0.1 --device b=http://10.0.0.2 --output ${file}.new`,
    'run',
    'run',
    '',
  ])
  const { config } = await readConfig(await readFile(file, 'utf8'), { path: file, shownPath: 'c.yaml', env: {} })
  expect(config.web).toMatchObject({ host: '0.0.0.0', port: 8480 })
  expect(await readFile(join(data, 'web.token'), 'utf8')).toMatch(/^[0-9a-f]{32}$/)
  await rm(data, { recursive: true })
})

test('systemd starts what the daemon needs, and no wrong configuration again', () => {
  const unit = read('iotawatt-sync.service')
  expect(unit).toMatch(/^ExecStart=\/usr\/bin\/iotawatt-sync run$/m)
  expect(unit).toMatch(/^RestartPreventExitStatus=2$/m)
  const [, stateDir] = /^Environment=IOTAWATT_SYNC_STATE_DIR=(.*)$/m.exec(unit) ?? []
  expect(stateDir).toBe(`/var/lib/${/^StateDirectory=(.*)$/m.exec(unit)?.[1]}`)
  const [, config] = /^Environment=IOTAWATT_SYNC_CONFIG=(.*)$/m.exec(unit) ?? []
  expect(unit).toContain(`\nConditionPathExists=${config}\n`)
})

test.skipIf(!existsSync('/usr/bin/systemd-analyze'))('systemd finds little that the service may do', async () => {
  const { stdout } = await execute('systemd-analyze', ['security', '--offline=true', pathOf('iotawatt-sync.service')])
  expect(Number(/exposure level for .*: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThanOrEqual(1.5)
})

describe.each(['ci.yaml', 'release.yaml'])('the workflow %s', (name) => {
  const workflow: Workflow = parse(readFileSync(new URL(`../.github/workflows/${name}`, import.meta.url), 'utf8'))
  const jobs = Object.values(workflow.jobs)

  test('has jobs that end, need each other, use actions of one version, and may do only what they say', () => {
    for (const { needs = [], permissions = workflow.permissions, steps } of jobs) {
      expect(Object.keys(workflow.jobs)).toEqual(expect.arrayContaining([needs].flat()))
      expect(permissions).toBeDefined()
      for (const { uses, run } of steps) {
        expect([uses, run].filter((each) => each !== undefined)).toHaveLength(1)
        if (uses !== undefined) expect(uses).toMatch(/^(actions|docker)\/[\w-]+@v\d+$/)
      }
    }
  })

  test('runs only scripts that there are, and puts nothing of an event into a shell', () => {
    const scripts: object = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).scripts
    for (const { run = '' } of jobs.flatMap(({ steps }) => steps)) {
      expect(run).not.toContain('${{')
      for (const [, script = ''] of run.matchAll(/npm run (\S+)/g)) expect(Object.keys(scripts)).toContain(script)
      for (const [path] of run.matchAll(/(?:\.ci|scripts)\/[\w.-]+/g))
        expect(existsSync(new URL(`../${path}`, import.meta.url))).toBe(true)
    }
  })
})

test('it is tried on every Node and processor, and released with all that is promised', () => {
  const workflow = (name: string): Workflow =>
    parse(readFileSync(new URL(`../.github/workflows/${name}`, import.meta.url), 'utf8'))
  expect(workflow('ci.yaml').jobs['test']?.strategy?.matrix).toEqual({
    os: ['ubuntu-24.04', 'ubuntu-24.04-arm'],
    node: [20, 22, 24],
  })
  const { jobs } = workflow('release.yaml')
  const text = (name: string) => JSON.stringify(jobs[name]?.steps)
  expect(text('npm')).toContain('--provenance')
  expect(text('image')).toContain('linux/amd64,linux/arm64')
  expect(jobs['deb']?.strategy?.matrix.os).toHaveLength(2)
  expect(text('release')).toMatch(/release-notes\.mjs.*SHA256SUMS/)
  expect(jobs['release']?.needs).toEqual(['npm', 'image', 'deb'])
})

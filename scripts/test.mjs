// npm test: all checks and all tests, on a machine that has only Node, npm and git.
// Further arguments go to vitest: npm test -- src/labels
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findChromium } from './chromium.mjs'
import { ensureBuilt, ensureInstalled, run } from './prepare.mjs'
import { findInfluxd } from './influxdb.mjs'
import { findPromtool } from './promtool.mjs'
import { findVictoriaMetrics } from './victoria-metrics.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const vitestArguments = process.argv.slice(2)
const isCi = /^(1|true)$/i.test(process.env.CI ?? '')
const env = {}
const outcome = { passed: 0, failed: 0, skipped: 0, remarks: [] }

await ensureInstalled()
await prepareProgram(findVictoriaMetrics, {
  name: 'victoria-metrics',
  variable: 'VICTORIA_METRICS_BIN',
  what: 'the tests against a real VictoriaMetrics',
})
await prepareProgram(findInfluxd, {
  name: 'influxd',
  variable: 'INFLUXD_BIN',
  what: 'the tests against a real InfluxDB',
})
await prepareProgram(findPromtool, {
  name: 'promtool',
  variable: 'PROMTOOL_BIN',
  what: 'the tests of alerts by promtool',
})
await prepareProgram(findChromium, {
  name: 'chromium',
  variable: 'CHROMIUM_BIN',
  what: 'the tests of the dashboard in a browser',
})
printStep('build', await timed(ensureBuilt))
// Beside the tests, which mostly wait for servers and processes; what it found is printed below them.
const lint = timed(() => npmScript('lint'))
await runTests()
printStep('types and lint', await lint)

for (const remark of outcome.remarks) console.log(remark)
if (outcome.skipped > 0) console.log(`${outcome.skipped} did not run`)
console.log(`${outcome.passed} passed, ${outcome.failed} failed`)
process.exitCode = outcome.failed > 0 ? 1 : 0

/** A program that is not installed with npm: without it, its tests say that they did not run, which CI takes for a failure. */
async function prepareProgram(find, { name, variable, what }) {
  const binary = await find({ log: console.log }).catch((error) => console.log(`${name}: ${error.message}`))
  if (binary) {
    console.log(`${name}: ${binary}`)
    env[variable] = binary
    return
  }
  outcome.remarks.push(
    `${what.toUpperCase()} DID NOT RUN: there is none here.`,
    `  To run them: install ${name}, or set ${variable} to its path, and start npm test again.`,
  )
  if (isCi) outcome.failed++
}

/** Never fails: what went wrong is a part of what it gives. */
async function timed(step) {
  const startedMs = Date.now()
  const problem = await step().then(
    () => undefined,
    (error) => error.message,
  )
  return { problem, seconds: ((Date.now() - startedMs) / 1000).toFixed(1) }
}

function printStep(name, { problem, seconds }) {
  console.log(`${problem ? 'FAILED' : 'ok'}: ${name} (${seconds} s)${problem ? `: ${problem}` : ''}`)
  outcome[problem ? 'failed' : 'passed']++
}

/** What it prints is in its error. */
function npmScript(name) {
  return new Promise((resolve, reject) => {
    const options = { cwd: ROOT, maxBuffer: Infinity, shell: process.platform === 'win32' }
    const child = execFile('npm', ['run', '--silent', name], options, (error, stdout, stderr) => {
      process.off('SIGTERM', stop)
      if (error) reject(new Error(`npm run ${name} reports:\n${stdout}${stderr}`))
      else resolve()
    })
    const stop = () => child.kill()
    process.on('SIGTERM', stop)
  })
}

async function runTests() {
  const folder = await mkdtemp(join(tmpdir(), 'iotawatt-sync-test-'))
  const report = join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = await run('node', {
    args: ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...vitestArguments],
    env,
  })
  const text = await readFile(report, 'utf8').catch(() => '{}')
  await rm(folder, { recursive: true })
  countTests(JSON.parse(text), code)
}

/** A file that does not even load has no tests to count, and neither has a runner that fell over: both are failures. */
function countTests(
  { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0, testResults = [] },
  code,
) {
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  )
  const counted = numFailedTests + brokenFiles.length
  outcome.passed += numPassedTests
  outcome.failed += code !== 0 && counted === 0 ? 1 : counted
  outcome.skipped += numPendingTests + numTodoTests
}

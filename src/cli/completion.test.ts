import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { completionScript, SHELLS } from './completion.ts'
import { createRedaction } from './explain-error.ts'
import { manPage } from './man-page.ts'
import { describeProgram } from './program.ts'

const execute = promisify(execFile)
const program = describeProgram(() => {}, createRedaction())

/** What bash offers for each line, whose last word is the one that is being typed. */
async function completeInBash(lines: readonly (readonly string[])[]): Promise<string[][]> {
  const tries = lines.map(
    (words) => `
      COMP_WORDS=(iotawatt-sync ${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length}
      _iotawatt_sync
      printf '%s\\n' "\${COMPREPLY[@]}" @`,
  )
  const script = `${completionScript(program, 'bash')}
    iotawatt-sync() { echo "reads: $*" >&2; printf '%s\\n' garage 'my house' '$(touch never)'; }
    ${tries.join('\n')}`
  const { stdout, stderr } = await execute('bash', ['--norc', '-euc', `set +e; ${script}`])
  expect(stderr).toBe('')
  return stdout
    .split('@\n')
    .slice(0, -1)
    .map((answer) => answer.trim().split('\n').filter(Boolean))
}

it('completes commands, options, their values and devices in bash', async () => {
  const [commands, sto, device, quoted, formats, afterEqual, time, file, helpOf] = await completeInBash([
    ['che'],
    ['verify', '--re'],
    ['check', 'gar'],
    ['status', '--device', ''],
    ['export', '--format', ''],
    ['export', '--format', '=', 'nd'],
    ['load', '--since', ''],
    ['check', '--config', ''],
    ['--config', 'f', 'completion', ''],
  ])
  expect(commands).toEqual(['check'])
  expect(sto).toEqual(['--repair', '--reload-series'])
  expect(device).toEqual(['garage'])
  expect(quoted).toEqual(['garage', String.raw`my\ house`, String.raw`\$\(touch\ never\)`])
  expect(formats).toEqual(['csv', 'ndjson', 'parquet'])
  expect(afterEqual).toEqual(['ndjson'])
  expect([time, file]).toEqual([[], []])
  expect(helpOf).toEqual([...SHELLS])
})

it.each(['zsh', 'fish'] as const)('%s gets every command and option that --help shows, and devices', (shell) => {
  const script = completionScript(program, shell)
  for (const command of program.createHelp().visibleCommands(program)) {
    expect(script).toContain(command.name())
    for (const { long } of command.options) expect(script).toContain(long?.slice(2))
  }
  expect(script).toMatch(/complete-devices -- .* 2>\/dev\/null/)
})

it('the man page has every command and option, and ends no line early', () => {
  const page = manPage(program, { version: '1.2.3', exitCodes: '\nExit codes: 0 done, 1 failed.' })
  expect(page).toContain('"iotawatt\\-sync 1.2.3"')
  expect(page).toContain('.SH EXIT STATUS\n0 done, 1 failed.\n')
  const flags = program.commands.flatMap(({ options }) => options).filter(({ hidden }) => !hidden)
  for (const { long = '' } of flags) expect(page).toContain(`.B ${long?.replaceAll('-', String.raw`\-`)}`)
  expect(page.split('\n').filter((line) => /^\.(?!(TH|SH|SS|TP|PP|B)\b)|^'/.test(line))).toEqual([])
})

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'completion-'))
})
afterAll(() => rm(folder, { recursive: true }))

it.skipIf(!process.env['LONG']).each([
  ['zsh', '-n'],
  ['fish', '--no-execute'],
] as const)('%s takes its script', async (shell, flag) => {
  const path = join(folder, shell)
  await writeFile(path, completionScript(program, shell))
  await execute(shell, [flag, path]).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  })
})

it.each([
  ['a configuration that has mistakes elsewhere', ['check', '--config', 'FILE', ''], 'garage\nmy house\n'],
  ['the same behind an equals sign', ['--config', '=', 'FILE', 'check'], 'garage\nmy house\n'],
  ['the same in one word', ['check', '--config=FILE', '--device'], 'garage\nmy house\n'],
  ['none', ['check', '--config', 'nowhere', ''], ''],
])('lists the devices of %s without an error', async (_, words, listed) => {
  const path = join(folder, 'config.yaml')
  await writeFile(path, 'store: 7\ndevices:\n  - name: garage\n  - { name: my house, url: 3 }\n  - 7\n')
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  await program.parseAsync(['complete-devices', '--', ...words.map((word) => word.replace('FILE', path))], {
    from: 'user',
  })
  expect(write.mock.calls).toEqual([[listed]])
  write.mockRestore()
})

import { Command } from 'commander'
import { expect, it } from 'vitest'
import { addFlags, commonFlags, deviceFlags, resultFlags } from './flags.ts'
import { orderArguments } from './program.ts'

const program = new Command()
addFlags(program.command('check'), [commonFlags, deviceFlags, resultFlags])

it.each([
  ['check --config f', 'check --config f'],
  ['--config f check', 'check --config f'],
  ['--config=f check', 'check --config=f'],
  // The value of an option is no command, whatever it is called.
  ['--config check check iwatt5', 'check --config check iwatt5'],
  ['--json --device a --verbose check --strict', 'check --json --device a --verbose --strict'],
  ['--help check', 'check --help'],
  ['--nothing check', 'check --nothing'],
  ['--version', '--version'],
  ['-v check', '-v check'],
  ['--help', '--help'],
  ['--config f', '--config f'],
  ['', ''],
])('%s is %s', (given, ordered) => {
  expect(orderArguments(given.split(' '), program).join(' ')).toBe(ordered)
})

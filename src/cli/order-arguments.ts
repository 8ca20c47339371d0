import type { Command } from 'commander'

/** What is of the program itself, and not of a command. */
const OF_PROGRAM: ReadonlySet<string> = new Set(['-v', '-V', '--version'])

/** Options that stand before the command are put behind it: `--config F check` is `check --config F`. */
export function orderArguments(args: readonly string[], { commands }: Pick<Command, 'commands'>): string[] {
  const options = commands.flatMap((command) => command.options)
  const takesValue = (arg: string) =>
    options.some((option) => option.required && (option.long === arg || option.short === arg))
  let index = 0
  while (index < args.length && args[index]?.startsWith('-')) index += takesValue(args[index] ?? '') ? 2 : 1
  const [before, command, after] = [args.slice(0, index), args[index], args.slice(index + 1)]
  if (command === undefined || before.some((arg) => OF_PROGRAM.has(arg) || arg === '--')) return [...args]
  return [command, ...before, ...after]
}

import type { Argument, Command, Option } from 'commander'

interface ManPageOptions {
  readonly version: string
  readonly exitCodes: string
}

/** The page of section 1 that `man iotawatt-sync` shows, in the macros of man(7): what `--help` says, of all commands. */
export function manPage(program: Command, { version, exitCodes }: ManPageOptions): string {
  const help = program.createHelp()
  const terms = (command: Command) => [
    ...help.visibleArguments(command).map(argumentTerm),
    ...help.visibleOptions(command).map(optionTerm),
  ]
  const commands = help.visibleCommands(program).filter((command) => command.name() !== 'help')
  return `${[
    `.TH IOTAWATT-SYNC 1 "" ${quoted(`iotawatt-sync ${version}`)}`,
    '.SH NAME',
    String.raw`iotawatt-sync \- copies the history of IoTaWatt energy monitors into a store`,
    '.SH SYNOPSIS',
    '.B iotawatt-sync',
    String.raw`\fICOMMAND\fR [\fIOPTIONS\fR]`,
    '.SH DESCRIPTION',
    escaped(program.description()),
    ...terms(program).flat(),
    '.SH COMMANDS',
    ...commands.flatMap((command) => [
      `.SS ${quoted(`iotawatt-sync ${command.name()} ${command.usage()}`)}`,
      escaped(`${command.description()}.`),
      ...terms(command).flat(),
    ]),
    '.SH EXIT STATUS',
    escaped(exitCodes.trim().replace(/^Exit codes: /, '')),
    '.SH ENVIRONMENT',
    '.TP',
    '.B IOTAWATT_SYNC_CONFIG',
    escaped('The configuration, where --config names none.'),
    '.PP',
    escaped('Each key of the configuration has a variable too: see docs/configuration.md of the package.'),
  ].join('\n')}\n`
}

function optionTerm({ flags, description, defaultValue, argChoices }: Option): string[] {
  const more = [
    ...(argChoices ? [`one of ${argChoices.join(', ')}`] : []),
    ...(['string', 'number'].includes(typeof defaultValue) ? [`default ${String(defaultValue)}`] : []),
  ]
  return term(flags, more.length === 0 ? description : `${description} (${more.join('; ')})`)
}

function argumentTerm(argument: Argument): string[] {
  const { argChoices, description } = argument
  return term(argument.name(), argChoices ? `one of ${argChoices.join(', ')}` : description)
}

function term(name: string, text: string): string[] {
  return ['.TP', `.B ${escaped(name)}`, escaped(text)]
}

function quoted(text: string): string {
  return `"${escaped(text).replaceAll('"', '""')}"`
}

/** A line of text: no request, and its hyphens can be copied. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', String.raw`\e`)
    .replaceAll('-', String.raw`\-`)
    .replaceAll(/^[.']/gm, String.raw`\&$&`)
}

import type { Argument, Command, Option } from 'commander'
import { quote } from './explain-error.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** Lists the devices of the configuration that a command line names; hidden. */
export const LIST_DEVICES = 'complete-devices'

/** What a value is completed with: these words, or what the shell finds when it is asked; neither: nothing. */
type Values = readonly string[] | 'devices' | 'paths'

interface Flag {
  readonly names: readonly string[]
  readonly text: string
  readonly takes: 'nothing' | 'perhaps a value' | 'a value'
  readonly values: Values
  readonly repeats: boolean
}

interface CommandLine {
  readonly name: string
  readonly text: string
  readonly flags: readonly Flag[]
  /** Of what stands beside its flags. */
  readonly values: Values
}

/** The script that completes the program's commands, flags, their values and the names of devices. */
export function completionScript(program: Command, shell: Shell): string {
  const help = program.createHelp()
  const describe = (command: Command): CommandLine => ({
    name: command.name(),
    text: help.subcommandDescription(command),
    flags: help.visibleOptions(command).map(toFlag),
    values: valuesOfArgument(command.registeredArguments[0]),
  })
  const commands = help.visibleCommands(program).map(describe)
  const names = commands.map(({ name }) => name)
  const described = commands.map((each) => (each.name === 'help' ? { ...each, values: names } : each))
  return WRITERS[shell]({ ...describe(program), values: names }, described)
}

function toFlag({ short, long, flags, description, required, optional, argChoices }: Option): Flag {
  const takesOne = required ? 'a value' : 'perhaps a value'
  const value = /[<[].*/.exec(flags)?.[0] ?? ''
  return {
    names: [short, long].flatMap((name) => name ?? []),
    text: description,
    takes: required || optional ? takesOne : 'nothing',
    values: argChoices ?? (flags === DEVICE_FLAG ? 'devices' : /file|folder|path|DIR/.test(value) ? 'paths' : []),
    repeats: description.includes('may be repeated'),
  }
}

const DEVICE_FLAG = '--device <name>'

function valuesOfArgument(argument: Argument | undefined): Values {
  return argument?.argChoices ?? (argument?.name() === 'device' ? 'devices' : [])
}

type Writer = (program: CommandLine, commands: readonly CommandLine[]) => string

const WRITERS: Readonly<Record<Shell, Writer>> = { bash: writeBash, zsh: writeZsh, fish: writeFish }

/** `readline` takes `=` for a word of its own. What devices are called is never expanded, as it comes from a file. */
function writeBash(program: CommandLine, commands: readonly CommandLine[]): string {
  const all = [{ ...program, name: '' }, ...commands]
  const ofFlags = all.flatMap(({ name, flags }) =>
    flags
      .filter(({ takes }) => takes !== 'nothing')
      .map(
        ({ names, values }) => `    ${names.map((flag) => `${name}:${flag}`).join('|')}) words=${bashWords(values)} ;;`,
      ),
  )
  const ofCommands = all.map(({ name, flags, values }) => {
    const options = flags.flatMap(({ names }) => names).join(' ')
    return `    ${name}:*) words=${bashWords(values)} options='${options}' ;;`
  })
  return `# Completion for bash. In ~/.bashrc: eval "$(iotawatt-sync completion bash)"
_iotawatt_sync() {
  local word command='' options='' words='' current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
      ${commands.map(({ name }) => name).join('|')}) command=$word && break ;;
    esac
  done
  [[ $current == -* ]] && previous=
  case $command:$previous in
${[...ofFlags, ...ofCommands].join('\n')}
  esac
  [[ $current == -* ]] && words=$options
  COMPREPLY=()
  case $words in
    @paths) compopt -o default 2>/dev/null; return ;;
    @devices) words=$("\${COMP_WORDS[0]}" ${LIST_DEVICES} -- "\${COMP_WORDS[@]:1}" 2>/dev/null) ;;
    *) words=\${words// /$'\n'} ;;
  esac
  while IFS= read -r word; do
    [[ -n $word ]] && printf -v word %q "$word"
    [[ -n $word && $word == "$current"* ]] && COMPREPLY+=("$word")
  done <<<"$words"
}
complete -F _iotawatt_sync iotawatt-sync
`
}

function bashWords(values: Values): string {
  return typeof values === 'string' ? `@${values}` : `'${values.join(' ')}'`
}

function writeZsh(program: CommandLine, commands: readonly CommandLine[]): string {
  const argumentsOf = ({ flags, values }: CommandLine) =>
    [...flags.map(zshFlag), ...(values.length === 0 ? [] : [`'*${zshValues(values)}'`])].join(' \\\n        ')
  return `#compdef iotawatt-sync
# Completion for zsh. In ~/.zshrc, after compinit: eval "$(iotawatt-sync completion zsh)"
_iotawatt-sync_devices() {
  local -a names
  names=("\${(@f)$("\${line_words[1]}" ${LIST_DEVICES} -- "\${(@)line_words[2,-1]}" 2>/dev/null)}")
  compadd -a names
}
_iotawatt-sync() {
  local curcontext="$curcontext" state
  local -a line line_words commands
  local -A opt_args
  line_words=("\${words[@]}")
  commands=(
${commands.map(({ name, text }) => `    ${quote(`${name}:${text}`)}`).join('\n')}
  )
  _arguments -C ${program.flags.map(zshFlag).join(' ')} ': :->command' '*:: :->rest' && return
  case $state in
    command) _describe command commands ;;
    rest)
      case $words[1] in
${commands.map((command) => `      ${command.name})\n      _arguments -s \\\n        ${argumentsOf(command)} ;;`).join('\n')}
      esac ;;
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _iotawatt-sync "$@"
else
  compdef _iotawatt-sync iotawatt-sync
fi
`
}

function zshFlag({ names, text, takes, values, repeats }: Flag): string {
  const value = takes === 'nothing' ? '' : `${takes === 'a value' ? '' : ':'}${zshValues(values)}`
  const described = (name: string) =>
    `${repeats ? '*' : ''}${name}[${text.replaceAll(/[\\\]:]/g, String.raw`\$&`)}]${value}`
  return names.map((name) => quote(described(name))).join(' ')
}

function zshValues(values: Values): string {
  if (values === 'devices') return ':device:_iotawatt-sync_devices'
  return values === 'paths' ? ':path:_files' : `:value:(${values.join(' ')})`
}

function writeFish(program: CommandLine, commands: readonly CommandLine[]): string {
  const inProgram = '-n __fish_use_subcommand'
  return `# Completion for fish. To install it: iotawatt-sync completion fish > ~/.config/fish/completions/iotawatt-sync.fish
function __iotawatt_sync_devices
    set -l words (commandline -opc)
    $words[1] ${LIST_DEVICES} -- $words[2..] 2>/dev/null
end
complete -c iotawatt-sync -f
${[
  ...program.flags.map((flag) => fishFlag(inProgram, flag)),
  ...commands.map(({ name, text }) => `complete -c iotawatt-sync ${inProgram} -a ${name} -d ${fishQuoted(text)}`),
  ...commands.flatMap(({ name, flags, values }) => {
    const inCommand = `-n '__fish_seen_subcommand_from ${name}'`
    const own = values.length === 0 ? [] : [`complete -c iotawatt-sync ${inCommand} ${fishValues(values)}`]
    return [...own, ...flags.map((flag) => fishFlag(inCommand, flag))]
  }),
].join('\n')}
`
}

function fishFlag(condition: string, { names, text, takes, values }: Flag): string {
  const spelled = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
  const value =
    takes === 'nothing' ? [] : [takes !== 'a value' ? '' : values === 'paths' ? '-r' : '-x', fishValues(values)]
  const words = [...spelled, '-d', fishQuoted(text), ...value].filter((word) => word !== '')
  return `complete -c iotawatt-sync ${condition} ${words.join(' ')}`
}

function fishValues(values: Values): string {
  if (values === 'devices') return "-a '(__iotawatt_sync_devices)'"
  if (values === 'paths') return '-F'
  return values.length === 0 ? '' : `-a '${values.join(' ')}'`
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`
}

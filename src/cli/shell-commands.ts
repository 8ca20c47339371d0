import { Argument, type Command } from 'commander'
import { completionScript, LIST_DEVICES, SHELLS, type Shell } from './completion.ts'
import { readVersion } from './read-version.ts'

const INSTALL = `
To install it:
  bash  eval "$(iotawatt-sync completion bash)" in ~/.bashrc
  zsh   eval "$(iotawatt-sync completion zsh)" in ~/.zshrc, after compinit
  fish  iotawatt-sync completion fish > ~/.config/fish/completions/iotawatt-sync.fish`

/** What is made of the description of all commands: completion for shells, and the man page. */
export function addShellCommands(program: Command, exitCodes: string): void {
  program
    .command('completion')
    .description('prints a script that completes commands, options and the names of devices')
    .addArgument(new Argument('<shell>', 'for which shell').choices(SHELLS))
    .addHelpText('after', INSTALL)
    .exitOverride()
    .action((shell: Shell) => print(completionScript(program, shell)))
  program
    .command(LIST_DEVICES, { hidden: true })
    .argument('[words...]')
    .action(async (words: readonly string[]) => print((await listDevices(words)).map((name) => `${name}\n`).join('')))
  program
    .command('man-page', { hidden: true })
    .action(async () => print((await import('./man-page.ts')).manPage(program, { version: readVersion(), exitCodes })))
}

function print(text: string): void {
  process.stdout.write(text)
}

/** Of the configuration that a command line means; none where it cannot be read, as somebody is typing. */
async function listDevices(words: readonly string[]): Promise<readonly string[]> {
  const { readDeviceNames } = await import('../config/load-config.ts')
  const [, path] = /(?:^|\n)--config\n?=?\n?([^\n]+)/.exec(words.join('\n')) ?? []
  return readDeviceNames({ path, env: process.env, cwd: process.cwd() }).catch(() => [])
}

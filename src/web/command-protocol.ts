import * as z from 'zod'

/** Where the daemon takes commands, and where a command does that works without one. */
export const [DAEMON_SOCKET, COMMAND_SOCKET] = ['daemon.sock', 'command.sock']
/** What one request or answer of a client may have. */
export const MAX_CLIENT_LINE = 64 * 1024
/** What the other side sends in a line: pieces of an export, and reports of all devices. */
export const MAX_HOST_LINE = 64 * 1024 * 1024
/** Asks who answers. An old daemon, which knows no such command, refuses it after it has named its process. */
export const HELLO = 'hello'

const workSchema = z.object({
  command: z.string(),
  sinceMs: z.number(),
  /** Of 1, where it is known. */
  share: z.number().optional(),
  leftMs: z.number().optional(),
})
const hostSchema = z.object({
  version: z.string(),
  /** Its configuration file. */
  path: z.string(),
  /** With it the digests of the configuration are made. */
  salt: z.string(),
  /** By the name of a part of the configuration, its digest. */
  parts: z.record(z.string(), z.string()),
  /** What it was started for; left out: it is the daemon. */
  work: workSchema.optional(),
})

/** What a command that works without the daemon is at. */
export type Work = z.infer<typeof workSchema>
/** Who answers commands: the daemon, or a command that has the store open. */
export type Host = z.infer<typeof hostSchema>

export const requestSchema = z.object({
  command: z.string(),
  options: z.record(z.string(), z.unknown()),
  isWatched: z.boolean().default(false),
  /** Of the program that asks; 0.1.0 does not tell it. */
  version: z.string().optional(),
})
export const eventSchema = z.union([
  /** The answer to the greeting. */
  z.object({ process: z.number(), host: hostSchema }),
  /** The sign of life. */
  z.object({ process: z.number() }),
  z.object({ print: z.string() }),
  z.object({ text: z.string() }),
  z.object({ level: z.enum(['info', 'warn', 'error']), message: z.string() }),
  z.object({ progress: z.object({ name: z.string(), done: z.number(), total: z.number(), text: z.string() }) }),
  z.object({ question: z.string(), byDefault: z.enum(['yes', 'no']) }),
  z.object({ exitCode: z.number() }),
])
export type Event = z.infer<typeof eventSchema>
export const answerSchema = z.object({ answer: z.enum(['yes', 'no', 'nobody']) })
export type Answer = z.infer<typeof answerSchema>['answer']

/** @throws Error where it is not what the schema describes. */
export function readLine<T>(schema: z.ZodType<T>, line: string, who: string): T {
  try {
    return schema.parse(JSON.parse(line))
  } catch (cause) {
    throw new Error(
      `${who} sent something that is not understood; daemon and command must be of one version: restart the daemon`,
      { cause },
    )
  }
}

import type { Context, Handler } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { NewestWatts } from '../../api/daemon.ts'
import type { Events } from '../../api/operations.ts'
import type { DaemonEvent } from '../../model/daemon.ts'
import { showStatus, type StatusSources } from './show-status.ts'

export interface StreamSources extends StatusSources {
  /** The newest minute of each channel of a device. */
  readonly newestWatts: (device: string) => Promise<NewestWatts>
  /** Checks whether the store answers, for somebody who watches the page. */
  readonly probeStore?: (() => Promise<void>) | undefined
}

const MAX_STREAMS = 16
const HEARTBEAT_MS = 10_000
/** A client that does not read is told no more of. */
const MAX_WAITING = 200

/** Server-sent events: what changes, as it changes, and a comment now and then. */
export function streamEvents(sources: StreamSources): Handler {
  let open = 0
  return (context: Context) => {
    // Nobody would end a stream whose body is thrown away.
    if (context.req.method === 'HEAD') return context.body(null, 200, { 'Content-Type': 'text/event-stream' })
    if (open >= MAX_STREAMS)
      return context.json({ error: `${MAX_STREAMS} pages listen already; close one of them` }, 503)
    open++
    context.header('X-Accel-Buffering', 'no')
    return streamSSE(context, async (stream) => {
      const waiting: DaemonEvent[] = [{ kind: 'status' }]
      let wake = () => {}
      let isBeatDue = false
      const beat = setInterval(() => {
        isBeatDue = true
        wake()
      }, HEARTBEAT_MS)
      beat.unref()
      const unlisten = sources.daemon.listen((event) => {
        if (waiting.length < MAX_WAITING) waiting.push(event)
        else stream.abort()
        wake()
      })
      stream.onAbort(() => wake())
      try {
        // Who has logged out is told no more.
        const isLoggedIn = context.get('isLoggedIn') ?? (() => true)
        while (!stream.aborted && !stream.closed && isLoggedIn()) {
          if (isBeatDue) {
            isBeatDue = false
            void sources.probeStore?.()
            await stream.write(': alive\n\n')
            continue
          }
          const event = waiting.shift()
          if (event) await stream.writeSSE(await messageOf(sources, event))
          else await new Promise<void>((resolve) => (wake = resolve))
        }
      } finally {
        clearInterval(beat)
        unlisten()
        open--
      }
    })
  }
}

async function messageOf(sources: StreamSources, event: DaemonEvent): Promise<{ event: string; data: string }> {
  switch (event.kind) {
    case 'status':
      return message('status', showStatus(sources))
    case 'pass': {
      const newest = await sources.newestWatts(event.device).catch(() => ({ watts: {} }))
      return message('pass', { device: event.device, storedUntilMs: event.storedUntilMs, ...newest })
    }
    case 'coverage':
      return message('coverage', { device: event.device, fromMs: event.fromMs, untilMs: event.untilMs })
    case 'job':
      return message('job', event.job)
    case 'live':
      return message('live', sources.history.live(event))
    case 'event':
      return message('event', event.event)
  }
}

function message<Name extends keyof Events>(event: Name, data: Events[Name]) {
  return { event, data: JSON.stringify(data) }
}

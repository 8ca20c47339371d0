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
          const event = waiting.shift()
          if (event) await stream.writeSSE(await messageOf(sources, event))
          else if (!(await nextEvent((resolve) => (wake = resolve)))) {
            void sources.probeStore?.()
            await stream.write(': alive\n\n')
          }
        }
      } finally {
        unlisten()
        open--
      }
    })
  }
}

/** False when it is time to say that the line is alive. */
function nextEvent(onWake: (wake: () => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), HEARTBEAT_MS)
    timer.unref()
    onWake(() => {
      clearTimeout(timer)
      resolve(true)
    })
  })
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
    case 'event':
      return message('event', event.event)
  }
}

function message<Name extends keyof Events>(event: Name, data: Events[Name]) {
  return { event, data: JSON.stringify(data) }
}

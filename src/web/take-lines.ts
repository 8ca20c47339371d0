import type { Socket } from 'node:net'

/** More lines that nobody waits for are no answers. */
const MAX_WAITING_LINES = 16

/**
 * Takes the lines of a client as they come, so that its going is noticed whether somebody waits for a line or not. One
 * that does not end in time, or comes though nobody asks, ends the connection.
 */
export function takeLines(socket: Socket, maxLength: number): () => Promise<string> {
  const lines: string[] = []
  let rest = ''
  let isOver = false
  let wake = () => {}
  socket.setEncoding('utf8')
  socket.on('data', (text) => {
    const parts = `${rest}${String(text)}`.split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
    if ([rest, ...parts].some(({ length }) => length > maxLength) || lines.length > MAX_WAITING_LINES) socket.destroy()
    wake()
  })
  for (const event of ['end', 'close'])
    socket.on(event, () => {
      isOver = true
      wake()
    })
  return async () => {
    while (lines.length === 0 && !isOver)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    const line = lines.shift()
    if (line === undefined || socket.destroyed) throw new Error('the connection ended')
    return line
  }
}

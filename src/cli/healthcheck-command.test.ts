import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { healthcheckCommand } from './healthcheck-command.ts'

let server: Server
afterEach(() => {
  vi.restoreAllMocks()
  server.closeAllConnections()
  server.close()
})

function drip(response: ServerResponse): void {
  const dripping = setInterval(() => response.write('.'), 50)
  response.on('close', () => clearInterval(dripping))
}

function pour(response: ServerResponse): void {
  const goOn = () => {
    while (response.write('x'.repeat(65_536)));
  }
  response.on('drain', goOn)
  goOn()
}

const PATIENCE_MS = 60_000
it.each<[string, (response: ServerResponse) => void, number, RegExp, number]>([
  ['good', (response) => response.end('ok'), 0, /^$/, PATIENCE_MS],
  ['bad', (response) => response.writeHead(503).end('stale'), 1, /answered 503/, PATIENCE_MS],
  [
    'never there',
    () => {},
    1,
    /does not answer: it has not answered completely within 0.5 s[^]*iotawatt-sync run/,
    500,
  ],
  ['a drip', drip, 1, /does not answer: it has not answered completely within 0.5 s/, 500],
  ['good and without end', pour, 0, /^$/, PATIENCE_MS],
])('an answer that is %s', async (_, answer, code, words, answerMs) => {
  server = createServer((_request, response) => answer(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  let said = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text)
    return true
  })
  const { port } = server.address() as AddressInfo
  expect(await healthcheckCommand({ web: { host: '127.0.0.1', port } }, { answerMs })).toBe(code)
  expect(said).toMatch(words)
})

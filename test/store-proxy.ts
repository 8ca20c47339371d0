import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

/** What a request to the store comes to. */
export type ProxyFault =
  /** Nothing is ever answered. */
  | 'hang'
  /** The connection is lost before the store has heard of it. */
  | 'reset'
  /** The store does it, and the answer is lost. */
  | 'lost-answer'
  /** The answer tells that it is partial. */
  | 'partial'
  /** 200, and no answer of a store. */
  | 'web-page'
  | { readonly status: number }

/** A store on loopback, with a way to it that can fail. */
export interface StoreProxy {
  readonly url: string
  /** The paths asked for, without their query; a write that holds no measurement is marked. */
  readonly asked: string[]
  /** From now on; undefined: this request goes through. */
  setFaults(faultOf: (path: string) => ProxyFault | undefined): void
  close(): Promise<void>
}

export async function startStoreProxy(storeUrl: string): Promise<StoreProxy> {
  const asked: string[] = []
  let faultOf: (path: string) => ProxyFault | undefined = () => undefined

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    const asks = request.url?.split('?')[0] ?? ''
    const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
    const path = text.length === 0 || text.includes('"iotawatt_sync_') ? `${asks} of no measurement` : asks
    asked.push(path)
    const fault = faultOf(path)
    if (fault === 'hang') return
    if (fault === 'reset') return void request.socket.destroy()
    if (fault === 'web-page') return void response.end('<html><body>It works!</body></html>')
    if (typeof fault === 'object') return void response.writeHead(fault.status).end('something went wrong')
    const { status, type, text: answered } = await forward(`${storeUrl}${request.url}`, request, body)
    if (fault === 'lost-answer') return void request.socket.destroy()
    const said =
      fault === 'partial' ? answered.replace('"status":"success"', '"status":"success","isPartial":true') : answered
    response.writeHead(status, type === null ? {} : { 'content-type': type }).end(said)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    setFaults: (hook) => {
      faultOf = hook
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

async function forward(url: string, { method = 'GET', headers }: IncomingMessage, body: Buffer<ArrayBuffer>) {
  const kept = ['content-type', 'content-encoding'].flatMap((name) => {
    const value = headers[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  const answer = await fetch(url, { method, headers: Object.fromEntries(kept), ...(body.length > 0 && { body }) })
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() }
}

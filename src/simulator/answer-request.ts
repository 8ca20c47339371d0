import { type CardConfig, configHash, listedInputs } from '../card/card-config.ts'
import { encodeDeviceText } from '../card/device-text.ts'
import { answerFeedData, answerFeedList } from './answer-feed.ts'
import { answerStatus, type StatusContext } from './answer-status.ts'
import { plainReply, type Reply, replyWithHeaders, streamedReply } from './device-answer.ts'
import { parseQuery, type SelectQuery } from './parse-query.ts'
import { QueryError } from './firmware.ts'
import { type DeviceRequest, parseArguments, type RequestArguments } from './request-arguments.ts'
import { runQuery, type SpoilCell } from './run-query.ts'

/** All that an answer depends on; times in Unix seconds. */
export interface RequestContext extends StatusContext {
  readonly configText: string
  /** Undefined where access is granted, else the challenge; left out: nobody has to log in. */
  readonly authorize?: (request: DeviceRequest, path: string) => Reply | undefined
  readonly spoilCell?: SpoilCell | undefined
  readonly reboot: () => void
}

const JSON_TYPE = 'application/json'
const TEXT_TYPE = 'text/plain'
const DOWNLOAD_TYPE = 'application/octet-stream'

/** The firmware's routes; throws `FirmwareCrash` where it would crash. */
export function answerRequest(request: DeviceRequest, context: RequestContext): Reply {
  const { path, values } = parseArguments(request.url)
  if (path === '/iotawatt/auth.txt') return plainReply(403, TEXT_TYPE, 'Protected\r\n')
  const challenge = context.authorize?.(request, path)
  if (challenge !== undefined) return challenge
  if (request.method !== 'GET') return answerFile(request.method, { path, values }, context)
  switch (path) {
    case '/query':
      return answerQuery(values, context)
    case '/status':
      return plainReply(200, context.firmware.statusType, answerStatus(values, context))
    case '/feed/list.json':
      return plainReply(200, JSON_TYPE, answerFeedList(context.config))
    case '/feed/data.json':
      return answerFeed(values, context)
    case '/nullreq':
      return plainReply(200, TEXT_TYPE, '')
    case '/command':
      return answerCommand(values, context)
    default:
      return answerFile('GET', { path, values }, context)
  }
}

/** What is no route is a file of the card, for any method; of these, only the configuration is here. */
function answerFile(method: string, { path, values }: RequestArguments, context: RequestContext): Reply {
  if (values.get('download') === 'yes') return answerQuery(values, context)
  if (path !== '/config.txt') return notFound(method === 'GET' ? 'GET' : 'POST', path)
  return answerConfig(context.configText, values.get('download') === 'true' ? DOWNLOAD_TYPE : TEXT_TYPE)
}

function answerQuery(values: ReadonlyMap<string, string>, context: RequestContext): Reply {
  try {
    const show = values.get('show')
    if (show?.toLowerCase() === 'series') return streamedReply(JSON_TYPE, listSeries(context.config))
    if (show !== undefined || !values.has('select')) throw new QueryError()
    const query = parseQuery(values, context)
    return streamedReply(contentType(query, values), runQuery(query, context))
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    return plainReply(400, TEXT_TYPE, `{"error":"invalid query. ${error.message}"}`)
  }
}

function contentType({ format }: SelectQuery, values: ReadonlyMap<string, string>): string {
  if (values.has('download')) return DOWNLOAD_TYPE
  return format === 'json' ? JSON_TYPE : TEXT_TYPE
}

function answerConfig(configText: string, contentType: string): Reply {
  return replyWithHeaders(
    200,
    [
      ['Content-Type', contentType],
      ['X-configSHA256', configHash(encodeDeviceText(configText))],
    ],
    configText,
  )
}

function answerFeed(values: ReadonlyMap<string, string>, context: RequestContext): Reply {
  const body = answerFeedData(values, context)
  return body === undefined ? plainReply(400, TEXT_TYPE, 'Invalid request') : streamedReply(DOWNLOAD_TYPE, body)
}

function answerCommand(values: ReadonlyMap<string, string>, { reboot }: RequestContext): Reply {
  if (!values.has('restart')) return plainReply(400, TEXT_TYPE, 'Unrecognized request')
  reboot()
  return plainReply(200, TEXT_TYPE, 'ok')
}

function notFound(method: string, path: string): Reply {
  return plainReply(404, TEXT_TYPE, `Not found: ${method}, URI: ${path}`)
}

/** The body of the answer to `show=series`: names are printed as they are, without escapes. */
function listSeries(config: CardConfig): string {
  const outputs = config.outputs.map(({ name, units }) => ({ name, unit: units }))
  const series = [...listedInputs(config), ...outputs]
  if (series.length === 0) return '{"series":]}'
  return `{"series":[${series.map(({ name, unit }) => `{"name":"${name}","unit":"${unit}"}`).join(',')}]}`
}

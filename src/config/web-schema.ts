import * as z from 'zod'
import { DAY_MS, MINUTE_MS } from '../model/time-window.ts'
import { readListenAddress } from './read-listen-address.ts'
import { duration, filePath, webToken } from './setting-kinds.ts'
import { textSetting } from './text-setting.ts'

const HOST = 'a host name such as energy.example.org, without http:// and port'

export const webSchema = z
  .strictObject(
    {
      listen: textSetting({
        description: 'Where health is served. Beyond this machine it wants a token.',
        expected: 'host:port such as 127.0.0.1:8480',
        default: '127.0.0.1:8480',
        read: readListenAddress,
      }).optional(),
      maxAge: duration({
        description: 'A device whose newest sample is older makes /readyz answer 503.',
        byDefault: '15m',
        fromMs: MINUTE_MS,
        untilMs: 30 * DAY_MS,
      }).optional(),
      token: webToken('What everything but health wants. Better: tokenFile, or the environment.').optional(),
      tokenFile: filePath('A file that holds the token.').optional(),
      allowedHosts: z
        .array(z.string({ error: HOST }).regex(/^[\w-]+(\.[\w-]+)*\.?$/, { error: HOST }), {
          error: `a list of names, each ${HOST}`,
        })
        .meta({ description: 'Names under which it is asked, beside localhost and the host of listen.' })
        .optional(),
    },
    { error: 'a mapping with listen, maxAge, token, tokenFile, allowedHosts' },
  )
  .meta({ description: 'The listener for /healthz and /readyz.' })

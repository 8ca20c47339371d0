import * as z from 'zod'
import { choice, filePath, flag, name, secretText, token, url } from './setting-kinds.ts'

const HEADER_NAME =
  /^(?!(?:connection|content-(?:encoding|length|type)|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$)[\w!#$%&'*+.^`|~-]+$/i

export const storeSchema = z
  .strictObject(
    {
      type: choice(
        ['victoriametrics', 'embedded'],
        'Default: victoriametrics where an address is given, else embedded.',
      ).optional(),
      url: url('Address of a single-node VictoriaMetrics.', 'http://victoriametrics:8428').optional(),
      writeUrl: url('Where a cluster is written.', 'http://vminsert:8480/insert/0/prometheus').optional(),
      readUrl: url('Where a cluster is asked.', 'http://vmselect:8481/select/0/prometheus').optional(),
      cacheResetUrls: z
        .array(url('Address of a vmselect.', 'http://vmselect-2:8481'), { error: 'a list of addresses' })
        .meta({ description: 'Further vmselects of a cluster, whose query caches are reset after history was loaded.' })
        .optional(),
      username: name('a user', 'The user of basic authentication.').optional(),
      password: secretText('Its password. Better: passwordFile, or the environment.').optional(),
      passwordFile: filePath('A file that holds the password.').optional(),
      token: token('A bearer token. Better: tokenFile, or the environment.').optional(),
      tokenFile: filePath('A file that holds the bearer token.').optional(),
      headers: z
        .record(
          z.string().regex(HEADER_NAME, { error: 'the name of a header that does not steer the connection itself' }),
          z.string({ error: 'text, in quotes' }).regex(/^[^\r\n\0]+$/, { error: 'text in one line' }),
          { error: 'a mapping of header names to texts' },
        )
        .meta({ description: 'Sent with every request, such as X-Scope-OrgID. Treated as secret.' })
        .optional(),
      caFile: filePath('Certificates (PEM) to trust in place of the usual ones.').optional(),
      allowDuplicates: flag(
        'Write also where writes are buffered (a cluster, an agent, a proxy) and nothing removes doubled samples.',
        false,
      ).optional(),
    },
    { error: 'a mapping such as { url: http://victoriametrics:8428 }' },
  )
  .meta({ description: 'Where the samples go. Default: embedded, in stateDir.' })

import type { WebLimits } from '../src/web/serve-web.ts'

/** A connection of the browser that a busy machine leaves lying is not cut. */
export const PATIENT: WebLimits = {
  headersTimeout: 600_000,
  requestTimeout: 600_000,
  keepAliveTimeout: 600_000,
  silenceMs: 600_000,
}

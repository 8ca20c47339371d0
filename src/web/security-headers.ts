interface PageFacts {
  /** The policy of a page that is not the dashboard. */
  readonly contentPolicy?: string | undefined
  /** Whether Home Assistant shows it, which frames it in a page of the same origin. */
  readonly isIngress: boolean
}

const DASHBOARD_POLICY =
  "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'"

/** Of every answer. What a page shows comes from here alone; no other site frames, reads or embeds it. */
export function securityHeaders({ contentPolicy, isIngress }: PageFacts): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': `${contentPolicy ?? DASHBOARD_POLICY}; frame-ancestors ${isIngress ? "'self'" : "'none'"}`,
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': isIngress ? 'SAMEORIGIN' : 'DENY',
    // With `no-referrer` a form of our own would be sent with the origin `null`, as that of a stranger can be.
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  }
}

import { createRequire } from 'node:module'

/** Of the package, seen from `dist/` and from here. */
export function readVersion(): string {
  const require = createRequire(import.meta.url)
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const found: unknown = require(path)
      if (typeof found === 'object' && found && 'version' in found) return String(found.version)
    } catch {
      // It is the other one.
    }
  }
  return 'unknown'
}

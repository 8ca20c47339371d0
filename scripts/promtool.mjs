// Finds promtool, which tests the rules of the alerts (fetching Debian's package when there is none).
import { findProgram } from './debian-package.mjs'

/** Its path, or undefined with the reason printed through `log`. */
export function findPromtool({ log = console.error } = {}) {
  return findProgram({
    programs: ['promtool'],
    packageName: 'prometheus',
    variable: 'PROMTOOL_BIN',
    title: 'promtool',
    log,
  })
}

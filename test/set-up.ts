import fc from 'fast-check'
import './equal-rows.ts'

/** How often a property is tried that names no number itself; a failure prints the seed that repeats it. */
fc.configureGlobal({ numRuns: process.env['LONG'] ? 2000 : 100 })

/** A port that no connection takes by chance: what listens there can be ended and started again. */
export { freePort } from '../scripts/victoria-metrics.mjs'

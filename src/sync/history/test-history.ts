export { factsFor, HOUSE } from '../../../test/kept-history.ts'

/** A query that the device refuses with status 400; the message is its reason. */
export class QueryError extends Error {
  constructor(reason = 'unspecified') {
    super(reason)
    this.name = 'QueryError'
  }
}

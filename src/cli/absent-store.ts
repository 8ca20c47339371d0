import { StoreError, type Store } from '../model/store.ts'
import { explain } from '../runtime/errors.ts'

/** A store that is there and cannot be opened: every question to it fails with why. */
export function absentStore(error: StoreError): Store {
  const refuse = () => Promise.reject(error)
  return {
    name: 'the store',
    status: refuse,
    flush: refuse,
    listSeries: refuse,
    coverage: refuse,
    firstSamples: refuse,
    readSamples: refuse,
    totals: refuse,
    write: refuse,
    persist: refuse,
    deleteSeries: refuse,
    close: async () => {},
  }
}

/** For a check, a store that cannot be opened is something that it finds. */
export function storeOfError(error: unknown) {
  return absentStore(error instanceof StoreError ? error : new StoreError('unusable', explain(error)))
}

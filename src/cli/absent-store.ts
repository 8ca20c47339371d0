import type { Store, StoreError } from '../model/store.ts'

/** A store that is there and cannot be opened: every question to it fails with why. */
export function absentStore(error: StoreError): Store {
  const refuse = () => Promise.reject(error)
  return {
    name: 'the store',
    status: refuse,
    settle: refuse,
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

import type { Store, StoreAdvice } from '../../model/store.ts'

/** What can be said to whoever has a store that says nothing itself. */
const OF_ANY_STORE: Required<StoreAdvice> = {
  keepLonger: 'let the store keep samples longer',
  keepsByDefault: '',
  freeSpace: 'is its disk full?',
  keepEveryMinute: 'let it keep every sample',
  deduplicate: 'let the store remove duplicates',
  avoidQueue: 'give the address of the store itself',
  seeAllNodes: () => 'while a part of it is away it answers without what that part has, so minutes look missing',
}

export function adviceOf({ advice }: Pick<Store, 'advice'>): Required<StoreAdvice> {
  return { ...OF_ANY_STORE, ...advice }
}

import type { StoreAdvice } from '../../model/store.ts'

/** The flags and addresses of VictoriaMetrics that achieve what is expected. */
export const VICTORIAMETRICS_ADVICE: Required<StoreAdvice> = {
  keepLonger: 'start VictoriaMetrics with -retentionPeriod=100y',
  keepsByDefault: 'its default is one month',
  freeSpace: 'is its disk full? (-storage.minFreeDiskSpaceBytes)',
  keepEveryMinute: 'start it with a -dedup.minScrapeInterval of 1ms to 60s',
  deduplicate:
    'start the store with -dedup.minScrapeInterval=1ms (of a cluster, both vmselect and vmstorage) and set store.allowDuplicates: true',
  avoidQueue: 'give the address of a single VictoriaMetrics itself',
  seeAllNodes: (awayCount) =>
    `its vmselect runs with -replicationFactor=${awayCount + 1}: while a storage node is away it answers without what that node alone has, so minutes look missing and are written again; give this program a vmselect without that flag as store.readUrl`,
}

import { Gauge, type Registry } from 'prom-client'
import type { House } from '../model/house-views.ts'
import { MINUTE_MS } from '../model/time-window.ts'
import type { Clock } from '../runtime/clock.ts'

/** Longer, and a scraper has gone. */
const ANSWER_MS = 5_000

/** The price of the moment and what today cost so far, at most once a minute; what is not known is left out. */
export function addMoneyMetrics(
  register: Registry,
  { history, clock }: { readonly history: Pick<House, 'tariffs' | 'costs'>; readonly clock: Pick<Clock, 'nowMs'> },
): void {
  let last: { readonly minute: number; readonly read: ReturnType<typeof readMoney> } | undefined
  const current = () => {
    const minute = Math.floor(clock.nowMs() / MINUTE_MS)
    if (last?.minute !== minute) last = { minute, read: readMoney(history) }
    return last.read
  }
  new Gauge({
    name: 'iotawatt_sync_price_per_kwh',
    help: 'What the next kWh costs (import) or earns (export).',
    labelNames: ['direction', 'currency'],
    registers: [register],
    async collect() {
      this.reset()
      const { currency, prices = {} } = await current()
      for (const [direction, price] of Object.entries(prices))
        if (typeof price === 'number') this.set({ direction, currency }, price)
    },
  })
  new Gauge({
    name: 'iotawatt_sync_cost_today',
    help: 'What today cost so far; what is earned is negative. Before tax, demand and minimum.',
    labelNames: ['kind', 'currency'],
    registers: [register],
    async collect() {
      this.reset()
      const { currency, today = {} } = await current()
      for (const [kind, amount] of Object.entries(today)) this.set({ kind, currency }, amount)
    },
  })
}

interface Money {
  readonly currency: string
  readonly prices?: Readonly<Record<string, number | null | undefined>>
  readonly today?: Readonly<Record<string, number>>
}

async function readMoney(history: Pick<House, 'tariffs' | 'costs'>): Promise<Money> {
  const signal = AbortSignal.timeout(ANSWER_MS)
  const [tariffs, costs] = await Promise.allSettled([history.tariffs(signal), history.costs({ span: 'day' }, signal)])
  const now = tariffs.status === 'fulfilled' ? tariffs.value.now : undefined
  const known = costs.status === 'fulfilled' && costs.value.currency !== undefined ? costs.value.sums : undefined
  return {
    currency: tariffs.status === 'fulfilled' ? (tariffs.value.currency ?? '') : '',
    ...(now && { prices: { import: now.import.price, export: now.export?.price } }),
    ...(known && { today: { import: known.import, export: known.export, fixed: known.fixed, total: known.total } }),
  }
}

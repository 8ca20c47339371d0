import { stat } from 'node:fs/promises'
import type { Config } from '../../config/config.ts'
import { readPriceFiles } from '../../config/price-files.ts'
import type { MoneySettings } from '../../house/show-bills.ts'
import { HouseError } from '../../model/house-views.ts'
import { openHolidays } from '../../tariff/holidays.ts'
import { isPriceFile } from '../../tariff/tariff.ts'

/** What energy costs, by the configuration; price files are read again when they have changed. */
export async function openMoney(config: Config): Promise<MoneySettings | undefined> {
  const { currency, billing, tariffs, holidays, house } = config
  if (currency === undefined || tariffs.length === 0) return undefined
  const files = tariffs.flatMap((tariff) =>
    [tariff.import, tariff.export].flatMap((prices) => (isPriceFile(prices) ? [prices.file] : [])),
  )
  const versionNow = async () =>
    JSON.stringify(
      await Promise.all(
        files.map((file) =>
          stat(file).then(
            ({ mtimeMs, size }) => [mtimeMs, size],
            () => [],
          ),
        ),
      ),
    )
  let last: { readonly version: string; readonly read: ReturnType<typeof readPriceFiles> } | undefined
  return {
    currency,
    billing,
    tariffs,
    holidays: await openHolidays(holidays),
    async series() {
      const version = await versionNow()
      if (last?.version !== version) last = { version, read: readPriceFiles(tariffs, house.timezone) }
      const { series, problems } = await last.read
      const [problem] = problems
      if (problem) throw new HouseError('early', `a price file of the tariffs cannot be used: ${problem.message}`)
      return series
    },
  }
}

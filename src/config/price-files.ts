import { basename } from 'node:path'
import { openTimeZone } from '../model/time-zone.ts'
import { readPriceFile, type PriceSeries } from '../tariff/price-file.ts'
import { isPriceFile, type Tariff } from '../tariff/tariff.ts'
import type { KeyPath } from './key-path.ts'
import { readUpTo } from './referenced-files.ts'
import type { KeyProblem } from './schema-problems.ts'

/** A price every 5 minutes for ten years. */
const MAX_PRICE_BYTES = 48 * 1024 * 1024

interface FoundFile {
  readonly path: KeyPath
  readonly file: string
}

export interface PriceFiles {
  /** By the path of the file. */
  readonly series: ReadonlyMap<string, PriceSeries>
  readonly problems: readonly KeyProblem[]
}

/** The price files of tariffs, whose paths are absolute, as they are now: they grow. */
export async function readPriceFiles(tariffs: readonly Tariff[], timezone: string): Promise<PriceFiles> {
  const series = new Map<string, PriceSeries>()
  const problems: KeyProblem[] = []
  const zone = openTimeZone(timezone)
  for (const { path, file } of tariffs.flatMap(filesOf)) {
    if (series.has(file)) continue
    const bytes = await readUpTo(file, MAX_PRICE_BYTES).catch((error: unknown) =>
      error instanceof Error ? error : new Error(String(error)),
    )
    const read = bytes instanceof Error ? bytes : readPriceFile(bytes.toString('utf8'), zone)
    if (read instanceof Error)
      problems.push({
        path,
        message: `found a file that cannot be read (${read.message}); expected a CSV file with prices`,
      })
    else if ('line' in read) problems.push({ path, message: `${basename(file)}:${read.line}: ${read.message}` })
    else series.set(file, read)
  }
  return { series, problems }
}

function filesOf(tariff: Tariff, index: number): FoundFile[] {
  return (['import', 'export'] as const).flatMap((key) => {
    const prices = tariff[key]
    return isPriceFile(prices) ? [{ path: ['tariffs', index, key, 'file'], file: prices.file }] : []
  })
}

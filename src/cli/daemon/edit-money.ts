import { isDeepStrictEqual } from 'node:util'
import { moneySections, simpleTariff } from '../../api/setup.ts'
import { writeSection } from '../../config/edit-sections.ts'
import { isList, isMapping, type Mapping, valueAt } from '../../config/key-path.ts'
import type { EditableSections } from '../../config/save-sections.ts'
import {
  billingSchema,
  currencySchema,
  holidaysSchema,
  tariffSchema,
  tariffsSchema,
} from '../../config/tariff-schema.ts'
import { typicalPrices } from '../../house/show-bills.ts'
import { EditError, type MoneyFile, type SetupPreview, type ShownMoney } from '../../model/house-editor.ts'

/** The sections of the file that are set up beside the house. */
export const MONEY_KEYS = ['currency', 'billing', 'holidays', 'tariffs'] as const
type MoneySections = Pick<EditableSections, (typeof MONEY_KEYS)[number]>

const SCHEMAS = {
  currency: currencySchema,
  billing: billingSchema.optional(),
  holidays: holidaysSchema,
  tariffs: tariffsSchema,
}

/** What a file says of money; undefined where that cannot be used. */
export function moneyIn(tree: unknown): ShownMoney | undefined {
  const given: Mapping = isMapping(tree)
    ? Object.fromEntries(MONEY_KEYS.filter((key) => tree[key] !== undefined).map((key) => [key, tree[key]]))
    : {}
  const { data } = moneySections.safeParse(given)
  if (!data || MONEY_KEYS.some((key) => !SCHEMAS[key].safeParse(given[key]).success)) return undefined
  const tariffs = isList(given['tariffs']) ? given['tariffs'] : []
  return { ...data, tariffs: tariffs.map(showTariff) }
}

function showTariff(given: unknown): ShownMoney['tariffs'][number] {
  const simple = simpleTariff.safeParse(given).data
  const name = isMapping(given) ? String(given['name']) : ''
  return { name, ...(simple && { simple }), lines: writeSection('tariffs', [given]) }
}

/** As they are to be in the file. @throws EditError where a tariff that is to be kept is not there any more */
export function moneySectionsOf({ tariffs = [], ...others }: MoneyFile, tree: unknown): MoneySections {
  const written = tariffs.map((tariff): unknown => {
    if (!('kept' in tariff)) return tariff
    const kept = valueAt(tree, ['tariffs', tariff.kept])
    if (kept === undefined) throw new EditError('changed', `there is no tariffs[${tariff.kept}] in the file any more`)
    return kept
  })
  const none = Object.fromEntries(MONEY_KEYS.map((key) => [key, undefined]))
  return { ...none, ...others, ...(written.length > 0 && { tariffs: written }) }
}

/** The lines of those that are to be otherwise. */
export function writeChanges(sections: MoneySections, tree: unknown): string {
  return MONEY_KEYS.filter(
    (key) => sections[key] !== undefined && !isDeepStrictEqual(sections[key], valueAt(tree, [key])),
  )
    .map((key) => writeSection(key, sections[key]))
    .join('')
}

/** Also of tariffs that do not cover every minute. */
export function pricesOf({ tariffs }: MoneySections): SetupPreview['prices'] {
  return (isList(tariffs) ? tariffs : []).map((tariff) => {
    const { data } = tariffSchema.safeParse(tariff)
    return data ? typicalPrices(data.import) : null
  })
}

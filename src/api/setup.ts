import * as z from 'zod'
import { colour, house, houseChannel, now } from './house.ts'
import { typicalPrices } from './money.ts'
import { flag, integer, ms, text, type Read } from './values.ts'

const ALONE =
  'house alone, or house and money (and the fingerprint, to save them): nothing else of the configuration is changed from here'
const SELECTOR = 'labels that a channel must have, or a list of locations'
const selector = z
  .union([z.array(text), z.record(text, text)], { error: SELECTOR })
  .meta({ id: 'ChannelSelector', description: 'A list of locations, or labels that a channel must have, all of them.' })

/** Only its shape: what it says is checked as the configuration is, and told as `mistakes`. */
const settings = z
  .strictObject(
    {
      timezone: text.exactOptional(),
      wiring: z.enum(['ahead', 'behind'], { error: 'one of ahead, behind' }).exactOptional(),
      mains: selector.exactOptional(),
      solar: selector.exactOptional(),
      groups: z.record(text, selector).describe('In the order in which they are shown.').exactOptional(),
      names: z.record(text, text).describe('By location.').exactOptional(),
      colours: z.record(text, colour).describe('By location, or name of a group.').exactOptional(),
    },
    { error: 'a mapping with timezone, wiring, mains, solar, groups, names, colours' },
  )
  .meta({ id: 'HouseSettings', description: 'The section `house`, as docs/configuration.md describes it.' })
export type HouseFile = Read<typeof settings>

const amount = z
  .union([z.number(), text])
  .describe('A number; a text is taken for one that was mistyped, and is told as a mistake.')
const some = z.union([text, z.array(text)])
const SIMPLE = 'a tariff with name, applies, import, export, fixed and tax; or { kept: 0 } for one that stays as it is'
export const simpleTariff = z
  .strictObject(
    {
      name: text,
      applies: flag.exactOptional(),
      import: z.array(
        z.strictObject({
          name: text.exactOptional(),
          price: amount,
          hours: some.exactOptional(),
          days: some.exactOptional(),
          months: some.exactOptional(),
        }),
      ),
      export: z
        .array(z.strictObject({ price: amount }))
        .max(1)
        .exactOptional(),
      fixed: z.strictObject({ perDay: amount.exactOptional(), perBill: amount.exactOptional() }).exactOptional(),
      tax: text.exactOptional(),
    },
    { error: SIMPLE },
  )
  .meta({ id: 'SimpleTariff', description: 'A tariff that can be set up here; docs/money.md describes its keys.' })

const sectionFields = {
  currency: text.exactOptional(),
  billing: z.strictObject({ day: amount.exactOptional(), starts: z.array(text).exactOptional() }).exactOptional(),
  holidays: z
    .union([
      z.array(text),
      z.strictObject({
        country: text,
        state: text.exactOptional(),
        region: text.exactOptional(),
        add: z.array(text).exactOptional(),
        remove: z.array(text).exactOptional(),
      }),
    ])
    .exactOptional(),
}
/** As the file has them, without the tariffs. */
export const moneySections = z.object(sectionFields)
const keptTariff = z.strictObject({ kept: integer.describe('Its place in the file, from 0.') }, { error: SIMPLE })
const money = z
  .strictObject(
    { ...sectionFields, tariffs: z.array(z.union([keptTariff, simpleTariff], { error: SIMPLE })).exactOptional() },
    { error: 'a mapping with currency, billing, holidays, tariffs' },
  )
  .meta({
    id: 'MoneySettings',
    description:
      'The sections of money: what is left out of them is removed from the file. A tariff that is more than simple can only be kept: so no path, as of a price file, comes from here.',
  })
export type MoneyFile = Read<typeof money>

const shownMoney = z.object({
  ...sectionFields,
  tariffs: z.array(
    z.object({
      name: text,
      simple: simpleTariff.describe('Left out: it is more than can be set up here.').exactOptional(),
      lines: text.describe('In YAML.'),
    }),
  ),
})
export type ShownMoney = Read<typeof shownMoney>

export const previewRequest = z.strictObject({ house: settings, money: money.exactOptional() }, { error: ALONE })
export const saveRequest = z.strictObject(
  {
    fingerprint: z.string({ error: 'the fingerprint of the file as it was read' }),
    house: settings.describe('All of the section: what is left out of it is removed from the file.'),
    money: money.describe('Left out: these sections stay as they are.').exactOptional(),
  },
  { error: ALONE },
)
export type SaveRequest = Read<typeof saveRequest>
export type PreviewRequest = Read<typeof previewRequest>

const proposal = z.object({ locations: z.array(text), reason: text })
const namedProposal = z.object({ name: text, locations: z.array(text), reason: text })
const cannotSave = text
  .describe('Why it cannot be saved here, so that the lines are to be pasted. Left out where it can.')
  .exactOptional()

export const setup = z
  .object({
    fingerprint: text.describe('Of the file as it was read, to be sent with what is saved.').exactOptional(),
    file: text.describe('Its path. Left out where there is none.').exactOptional(),
    cannotSave,
    house: z
      .object(settings.shape)
      .describe('What the file says. Left out where it says nothing of the house.')
      .exactOptional(),
    money: shownMoney
      .describe('What the file says of money. Left out where that cannot be used, and so not be set up here.')
      .exactOptional(),
    isInUse: flag.describe('Whether the daemon works with what the file says of the house, and of money.'),
    variables: z
      .record(text, text)
      .describe(
        'Keys of the house, `currency` and `billing.day`, that an environment variable sets, whatever the file says, with its name.',
      ),
    channels: z
      .array(
        houseChannel.extend({
          kind: z.enum(['input', 'output', 'unknown']),
          watts: integer.nullable().describe('Of the newest minute of its device.'),
          atMs: ms.describe('That minute.').exactOptional(),
        }),
      )
      .describe('As they are now, in the order of the configuration.'),
    proposal: z
      .object({
        mains: proposal.exactOptional(),
        solar: proposal.exactOptional(),
        wiring: z
          .object({ value: z.enum(['ahead', 'behind']), reason: text })
          .describe('Only where there are mains and solar.')
          .exactOptional(),
        groups: z.array(namedProposal).describe('Of circuits; none is in two of them.'),
        legs: z.array(z.object({ name: text, locations: z.array(text) })).describe('What is measured on several legs.'),
        timezone: z.object({ value: text.exactOptional(), reason: text }),
      })
      .describe('From names, and the last week as it is stored. What is left out is not known, and never guessed.'),
  })
  .meta({ id: 'Setup' })
export type Setup = Read<typeof setup>

export const setupPreview = z
  .object({
    lines: text.describe('The section, and those of money that change, in YAML, to be pasted into the file.'),
    mistakes: z
      .array(
        z.object({
          path: z
            .array(text)
            .describe(
              'Its keys in the house, such as `[names, Fridge]`, or of money, such as `[tariffs, 0, name]`. Left out where it is elsewhere in the file.',
            )
            .exactOptional(),
          message: text,
        }),
      )
      .describe('What is wrong with the configuration as it would be.'),
    prices: z
      .array(typicalPrices.nullable().describe('Null where they cannot be read.'))
      .describe(
        'Of import, of each tariff that was sent. Also where something is wrong: a minute without a price is null.',
      ),
    cannotSave,
    preview: z
      .object({ house, now })
      .describe('What `/api/v1/house` and `/api/v1/now` would answer. Left out where there are mistakes.')
      .exactOptional(),
  })
  .meta({ id: 'SetupPreview' })
export type SetupPreview = Read<typeof setupPreview>

export const setupSaved = z
  .object({
    fingerprint: text.describe('Of the file as it is now.'),
    file: text,
    backup: text.describe('Where the file is as it was. Left out where nothing had to be changed.').exactOptional(),
  })
  .meta({ id: 'SetupSaved' })
export type SetupSaved = Read<typeof setupSaved>

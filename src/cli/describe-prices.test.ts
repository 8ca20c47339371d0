import { expect, test } from 'vitest'
import { documentedTariffs, priced } from '../../test/money/tariff-house.ts'
import { describePrices } from './describe-prices.ts'

const linesOf = async (title: string) => {
  const example = (await documentedTariffs()).find((each) => each.title.startsWith(title))
  const { config } = await priced(example?.text ?? '', 'UTC')
  return describePrices(config.tariffs, {})
}

test('the prices of typical days, by season', async () =>
  expect(await linesOf('Three periods')).toEqual([
    'TOU, import, Nov-Apr',
    '  hours        weekday         Saturday        Sunday          holiday',
    '  00:00-07:00  0.076 Off-peak  0.076 Off-peak  0.076 Off-peak  0.076 Off-peak',
    '  07:00-11:00  0.158 On-peak   0.076 Off-peak  0.076 Off-peak  0.076 Off-peak',
    '  11:00-17:00  0.122 Mid-peak  0.076 Off-peak  0.076 Off-peak  0.076 Off-peak',
    '  17:00-19:00  0.158 On-peak   0.076 Off-peak  0.076 Off-peak  0.076 Off-peak',
    '  19:00-24:00  0.076 Off-peak  0.076 Off-peak  0.076 Off-peak  0.076 Off-peak',
    'TOU, import, May-Oct',
    '  hours        weekday         Saturday        Sunday          holiday',
    '  00:00-07:00  0.076 Off-peak  0.076 Off-peak  0.076 Off-peak  0.076 Off-peak',
    '  07:00-11:00  0.122 Mid-peak  0.076 Off-peak  0.076 Off-peak  0.076 Off-peak',
    '  11:00-17:00  0.158 On-peak   0.076 Off-peak  0.076 Off-peak  0.076 Off-peak',
    '  17:00-19:00  0.122 Mid-peak  0.076 Off-peak  0.076 Off-peak  0.076 Off-peak',
    '  19:00-24:00  0.076 Off-peak  0.076 Off-peak  0.076 Off-peak  0.076 Off-peak',
  ]))

test('tiers, one price, and a file', async () => {
  expect(await linesOf('Free energy')).toContain(
    '  11:00-14:00  0/0.33 Free lunch  0/0.33 Free lunch  0/0.33 Free lunch  0/0.33 Free lunch',
  )
  expect((await linesOf('Prices that'))[0]).toMatch(/^Spot, import: the prices of \/.+prices\.csv$/)
})

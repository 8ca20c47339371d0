import { describe, expect, it } from 'vitest'
import type { Setup } from '../api/answers.ts'
import { moneyChoicesOf, moneySettingsOf, NEW_TARIFF, rebaseMoney } from './money-choices.ts'

type Money = NonNullable<Setup['money']>

const EV = {
  name: 'EV',
  import: [
    { name: 'Off-peak', price: 0.25 },
    { name: 'On-peak', price: 0.62, hours: '16-21', days: ['Mon-Fri'] },
  ],
  fixed: { perDay: 0.39 },
}
const MONEY: Money = {
  currency: 'USD',
  billing: { day: 14, starts: ['2026-01-14'] },
  holidays: ['2026-01-01'],
  tariffs: [
    { name: 'EV', simple: EV, lines: '' },
    { name: 'Tiers', lines: 'tariffs: …' },
  ],
}
const setupOf = (money?: Money) => ({ ...(money && { money }) }) as Setup

describe('money that is set up', () => {
  it('stays as it is in the file where nothing is changed', () => {
    const setup = setupOf(MONEY)
    expect(moneySettingsOf(moneyChoicesOf(setup)!, setup)).toEqual({
      ...MONEY,
      tariffs: [{ kept: 0 }, { kept: 1 }],
    })
  })

  it('of a tariff that is changed, keeps how the rest is written', () => {
    const setup = setupOf(MONEY)
    const choices = moneyChoicesOf(setup)!
    const [first, ...others] = choices.tariffs
    const [rule, peak] = first!.periods
    const changed = {
      ...choices,
      day: '3',
      tariffs: [{ ...first!, perDay: '', periods: [{ ...rule!, price: '0,27' }, peak!] }, ...others],
    }
    expect(moneySettingsOf(changed, setup)).toMatchObject({
      billing: { day: 3, starts: ['2026-01-14'] },
      tariffs: [{ name: 'EV', import: [{ name: 'Off-peak', price: 0.27 }, EV.import[1]!] }, { kept: 1 }],
    })
    expect(moneySettingsOf(changed, setup).tariffs?.[0]).not.toHaveProperty('fixed')
  })

  it('of a new one: lists, numbers with a comma, and what is no number as it is', () => {
    const setup = setupOf({ tariffs: [] })
    const period = { name: ' Peak ', price: 'much', hours: '07-11, 17-19', days: 'holiday', months: '' }
    const tariff = { ...NEW_TARIFF, name: 'New', isPlan: true, feedIn: '-0,02', tax: '8,5', periods: [period] }
    const choices = { currency: 'eur ', day: '', country: 'DE', state: '', tariffs: [tariff] }
    expect(moneySettingsOf(choices, setup)).toEqual({
      currency: 'EUR',
      holidays: { country: 'DE' },
      tariffs: [
        {
          name: 'New',
          applies: false,
          import: [{ name: 'Peak', price: 'much', hours: ['07-11', '17-19'], days: 'holiday' }],
          export: [{ price: -0.02 }],
          tax: '8.5%',
        },
      ],
    })
  })

  it('cannot be where the file has a mistake in it', () => {
    expect(moneyChoicesOf(setupOf())).toBeUndefined()
  })

  it('goes on with a file that has changed: what was not touched is as it is there', () => {
    const base = moneyChoicesOf(setupOf(MONEY))!
    const theirs = moneyChoicesOf(setupOf({ ...MONEY, currency: 'CAD', tariffs: MONEY.tariffs.toReversed() }))!
    expect(rebaseMoney(base, { ...base, day: '9' }, theirs)).toEqual({ ...theirs, day: '9' })
    const mine = { ...base, tariffs: [{ ...base.tariffs[0]!, perDay: '1' }, base.tariffs[1]!] }
    expect(rebaseMoney(base, mine, theirs)?.tariffs.map(({ name, kept, perDay }) => [name, kept, perDay])).toEqual([
      ['EV', 1, '1'],
      ['Tiers', 0, ''],
    ])
  })
})

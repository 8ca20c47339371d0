import { expect, it } from 'vitest'
import { HOUR_MS } from '../../model/time-window.ts'
import { createLoadLedger } from './find-missing.ts'

const WINDOW = { fromMs: 0, untilMs: HOUR_MS }
const counted = (samples: number, minutes = samples) => ({ samples, minutes })

it('what was read back counts, and no more than was missing', () => {
  const ledger = createLoadLedger()
  ledger.begin(WINDOW, counted(60))
  ledger.confirm(WINDOW, counted(40))
  ledger.confirm(WINDOW, counted(40))
  expect(ledger.copied()).toEqual(counted(60))
})

it('what the store has forgotten since counts no more, until it is copied again', () => {
  const ledger = createLoadLedger()
  ledger.begin(WINDOW, counted(60))
  ledger.confirm(WINDOW, counted(60))
  ledger.begin(WINDOW, counted(50))
  expect(ledger.copied()).toEqual(counted(10))
  ledger.confirm(WINDOW, counted(50))
  expect(ledger.copied()).toEqual(counted(60))
})

it('a write that was cut off counts for what of it is there', () => {
  const ledger = createLoadLedger()
  ledger.begin(WINDOW, counted(120, 60))
  ledger.begin(WINDOW, counted(90, 45))
  expect(ledger.copied()).toEqual(counted(30, 15))
})

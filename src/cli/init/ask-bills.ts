import type { Choice, Prompts } from './prompts.ts'
import {
  type BillsSetup,
  billsProblem,
  makeTariff,
  PERIOD_EXPECTED,
  PRICE_EXPECTED,
  readPeriod,
  readPrice,
  type SimplePeriod,
} from './set-up-bills.ts'

type Kind = 'none' | 'one price' | 'time of use'

const KINDS: readonly Choice<Kind>[] = [
  { value: 'none', label: 'Do not ask now', hint: 'later: in the file' },
  { value: 'one price', label: 'One price per kWh' },
  { value: 'time of use', label: 'Prices by hours and days' },
]

/** What energy costs, if somebody wants to say; what flags say is not asked. */
export async function askBills(
  prompts: Prompts,
  { bills: given, hasSolar }: { readonly bills: BillsSetup; readonly hasSolar: boolean },
): Promise<BillsSetup> {
  if (given.tariffs) return given
  const kind = await prompts.choose('What does energy cost?', KINDS)
  if (kind === 'none') return given
  const currency =
    given.currency ??
    (await prompts.text('Currency', {
      placeholder: 'EUR',
      problem: (text) => billsProblem({ currency: text.toUpperCase() }),
    }))
  const price = await askPrice(prompts, kind === 'one price' ? 'Price per kWh' : 'Price per kWh, when no other applies')
  const periods = kind === 'one price' ? [] : await askPeriods(prompts, { currency: currency.toUpperCase(), price })
  const feedIn = hasSolar ? await askAmount(prompts, 'Paid to you per kWh that goes to the grid') : undefined
  const perDay = await askAmount(prompts, 'Fixed charge per day')
  const billing = given.billing ?? { day: await askDay(prompts) }
  return {
    currency: currency.toUpperCase(),
    billing,
    tariffs: [makeTariff({ price, periods, feedIn, perDay })],
  }
}

async function askPrice(prompts: Prompts, question: string): Promise<number> {
  const problem = (text: string) => (readPrice(text) === undefined ? `expected ${PRICE_EXPECTED}` : undefined)
  return Number(await prompts.text(question, { placeholder: '0.31', problem }))
}

async function askAmount(prompts: Prompts, question: string): Promise<number | undefined> {
  const problem = (text: string) =>
    text === '' || readPrice(text) !== undefined ? undefined : 'expected an amount such as 0.08, or nothing'
  const text = await prompts.text(`${question} (leave empty: none)`, { problem })
  return text === '' ? undefined : Number(text)
}

/** Until an empty answer. */
async function askPeriods(
  prompts: Prompts,
  { currency, price }: { readonly currency: string; readonly price: number },
): Promise<SimplePeriod[]> {
  const periods: SimplePeriod[] = []
  for (;;) {
    const question = periods.length === 0 ? 'When does another price apply?' : 'And another one?'
    const text = await prompts.text(`${question} (leave empty: no more)`, {
      placeholder: 'On-peak=0.45,16-21,Mon-Fri',
      problem: (answer) => {
        if (answer === '') return undefined
        const period = readPeriod(answer)
        if (!period) return `expected ${PERIOD_EXPECTED}`
        return billsProblem({ currency, tariffs: [makeTariff({ price, periods: [...periods, period] })] })
      },
    })
    const period = readPeriod(text)
    if (!period) return periods
    periods.push(period)
  }
}

async function askDay(prompts: Prompts): Promise<number> {
  const read = (text: string) => (/^\d{1,2}$/.test(text) ? Number(text) : NaN)
  const text = await prompts.text('On which day of the month does a bill begin? (31: the last one)', {
    initial: '1',
    problem: (answer) => billsProblem({ billing: { day: read(answer) } }),
  })
  return read(text)
}

/** `grid_left` is the leg `left` of `grid`; `L1` is a leg of nothing that has a name. */
export interface Leg {
  readonly stem: string
  readonly kind: 'phase' | 'number' | 'letter' | 'side'
  /** In small letters. */
  readonly which: string
}

const SIDES = 'left right east west north south links rechts ost nord süd sued gauche droite est ouest sud nord'.split(
  ' ',
)
const SIDE = SIDES.join('|')
const CAPITAL_SIDE = SIDES.map((side) => side.replace(/^./, (letter) => letter.toUpperCase())).join('|')

/** A leg stands at the end, behind a space, `_` or `-`, or as a capital behind a small letter. */
const LEGS: readonly (readonly [Leg['kind'], RegExp])[] = [
  ['phase', /^(.*?)(?:^|[\s_-]+|(?<=\p{Ll})(?=L))[lL]([1-3])$/u],
  ['number', /^(.*[^\d\s_-])[\s_-]*(\d{1,2})$/u],
  ['letter', /^(.*?)(?:[\s_-]+(?=[A-Da-d]$)|(?<=\p{Ll})(?=[A-D]$))([A-Da-d])$/u],
  ['side', new RegExp(`^(.*?)[\\s_-]+(${SIDE})$`, 'iu')],
  ['side', new RegExp(`^(.*\\p{Ll})(${CAPITAL_SIDE})$`, 'u')],
]

export function legOf(name: string): Leg | undefined {
  for (const [kind, pattern] of LEGS) {
    const [, stem, which] = pattern.exec(name.trim()) ?? []
    if (stem !== undefined && which !== undefined) return { stem: stem.trim(), kind, which: which.toLowerCase() }
  }
  return undefined
}

/** What these are legs of, by their names: only where there are at least two, and of a series its first ones. */
export function legsAmong(names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const families = new Map<string, { readonly stem: string; readonly legs: Map<string, string> }>()
  for (const name of names) {
    const leg = legOf(name)
    if (!leg) continue
    const key = `${leg.kind} ${leg.stem.toLowerCase()}`
    const family = families.get(key) ?? { stem: leg.stem, legs: new Map<string, string>() }
    families.set(key, { ...family, legs: family.legs.set(leg.which, name) })
  }
  return new Map(
    [...families.values()]
      .filter(({ stem, legs }) => stem !== '' && legs.size > 1 && isSeries([...legs.keys()].sort()))
      .map(({ stem, legs }) => [stem, names.filter((name) => [...legs.values()].includes(name))]),
  )
}

/** `1`, `2`; `a`, `b`, `c`; or sides. */
function isSeries(legs: readonly string[]): boolean {
  return (
    legs.some((leg) => /^\D{2}/.test(leg)) || ['1 2 3 4', 'a b c d'].some((series) => series.startsWith(legs.join(' ')))
  )
}

/** In small letters without accents, which not everybody types. */
const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
const words = (text: string): ReadonlySet<string> => new Set(plain(text).split(' '))

/** These have other meanings too, and count where nothing else is called after the mains. */
const LIKELY_MAINS = words('utility service supply')
const MAINS = new Set([
  ...LIKELY_MAINS,
  ...words(
    'main mains grid import netz netzbezug netzanschluss bezug haupt hauptanschluss hauptzähler hauptzaehler hausanschluss incomer réseau secteur rete prelievo hoofd hoofdaansluiting acometida',
  ),
])
/** The grid itself, which what is made here is taken off already. */
const GRID = words('grid import netz netzbezug bezug réseau rete prelievo')
/** What is taken from the grid, which beside what is given to it is but a half. */
const IMPORT = words('import netzbezug bezug prelievo')
const EXPORT = words('export einspeisung netzeinspeisung immissione')
/** Beside a word for mains, these say no more. */
const FILLERS = new Set([
  ...words('panel feed breaker board meter power line leg phase total ct in the of house home zähler anschluss'),
  ...SIDES,
])
const PHASES = words('phase fase leg line')
const SOLAR = words(
  'solar pv inverter inverters panels photovoltaic photovoltaics photovoltaik solaranlage wechselrichter solaire onduleur photovoltaïque fotovoltaica fotovoltaico zonnepanelen zonnestroom solceller',
)
const HEATING = words(
  'heat heating heater heatpump furnace hvac minisplit ac aircon airco conditioner cooling climate klima klimaanlage wärmepumpe waermepumpe warmtepomp värmepump varmepumpe chauffage chaleur climatisation riscaldamento calore condizionatore calefacción calor acondicionado radiator radiators',
)
/** Of what is heated, in one word. */
const HEATING_OF = /(?:heizung|verwarming)$/
/** Heat, but not of the house. */
const HOT = words('water hot pool spa tub dryer towel wasser warmwasser eau acqua agua')
const APPLIANCES = new Set([
  ...HEATING,
  ...HOT,
  ...words(
    'ev car charger wallbox pump pumpe pompe pompa bomba pomp boiler geyser oven stove cooker range fridge freezer freezers light lights lighting lamp lamps washer dishwasher sauna well server battery ups',
  ),
])
/** Beside these, `AC` is the kind of current, not the air conditioning. */
const CURRENT = words('in out input output coupled grid mains')
const PLACES = words('kitchen bath bathroom bedroom garage office laundry shed workshop basement attic')

/** The words of a name, in small letters: `MainPanel_2` has `main` and `panel`. */
function wordsOf(name: string): string[] {
  const all = plain(name.normalize('NFC').replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2'))
    .split(/[^\p{L}]+/u)
    .filter((word) => word.length > 1)
  return all.some((word) => CURRENT.has(word)) ? all.filter((word) => word !== 'ac') : all
}

/** The word for mains in a name that says nothing else: `Main bedroom` has none. */
export function mainsWord(name: string): string | undefined {
  const leg = legOf(name)
  const all = wordsOf(name)
  if (leg && (leg.stem === '' ? leg.kind === 'phase' : all.length > 0 && all.every((word) => PHASES.has(word))))
    return 'phase'
  const word = all.find((each) => MAINS.has(each))
  return word !== undefined && all.every((each) => MAINS.has(each) || FILLERS.has(each))
    ? word.replace(/^main$/, 'mains')
    : undefined
}

export function isLikelyMains(word: string): boolean {
  return LIKELY_MAINS.has(word)
}

/** Whether the name says which leg, or side, of something the channel is. */
export function isLeg(name: string): boolean {
  return legOf(name) !== undefined || wordsOf(name).some((word) => SIDES.includes(word))
}

export function isImport(word: string): boolean {
  return IMPORT.has(word)
}

export function isExportName(name: string): boolean {
  return some(name, EXPORT)
}

export function isGridName(name: string): boolean {
  return wordsOf(name).some((word) => GRID.has(word))
}

export function isSolarName(name: string): boolean {
  return some(name, SOLAR) && !some(name, APPLIANCES)
}

export function isHeatingName(name: string): boolean {
  return (some(name, HEATING) || wordsOf(name).some((word) => HEATING_OF.test(word))) && !some(name, HOT)
}

/** What takes power, and is neither mains nor solar whatever it measures. */
export function isLoadName(name: string): boolean {
  return some(name, APPLIANCES) || some(name, PLACES)
}

function some(name: string, among: ReadonlySet<string>): boolean {
  return wordsOf(name).some((word) => among.has(word))
}

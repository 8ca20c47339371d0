import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { DEFAULT_LABEL_RULES } from '../labels/default-rules.ts'
import { loadConfig } from './load-config.ts'

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url))
const load = (path: string) => loadConfig({ path, env: {}, cwd: EXAMPLES })

test.each(await readdir(EXAMPLES))('the example %s loads, and tells editors its schema', async (name) => {
  expect((await load(name)).warnings).toEqual([])
  expect(await readFile(`${EXAMPLES}/${name}`, 'utf8')).toMatch(
    /^# yaml-language-server: \$schema=\.\.\/schema\/iotawatt-sync\.schema\.json\n/,
  )
})

test('the example of two units is the original system', async () => {
  const { config } = await load('two-units.yaml')
  expect(config.store).toMatchObject({ address: { url: 'https://vms-prod-lt.goepp.net' } })
  expect(config.rules).toEqual(DEFAULT_LABEL_RULES)
  expect(config.devices.map(({ name, url, sinceMs }) => [name, url, sinceMs])).toEqual([
    ['iwatt5', 'http://iwatt5.goepp.net', Date.UTC(2021, 8, 18)],
    ['iwatt6', 'http://iwatt6.goepp.net', Date.UTC(2023, 1, 5)],
  ])
  expect(config.devices.map(({ channels }) => channels?.map(({ name }) => name).join(' '))).toEqual([
    'Mains_1 Mains_2 SolarA_1 SolarA_2 SolarB_1 SolarB_2 Garage_1 Garage_2 MinisplitGreatAndBlue MinisplitBedAndStudio EastWall BathroomHeat OfficeHeat Dryer',
    'Office Furnace OGMaker LaundryFoyerMaker GreatroomSouthTV Datacenter BlueAndBreeze StudioA Freezers Bedroom StudioASouth Dishwasher Washer Fridge',
  ])
})

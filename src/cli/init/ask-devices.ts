import { askDevice } from './ask-device.ts'
import { findDevices } from './find-devices.ts'
import type { InitRun } from './init-run.ts'
import type { Prompts } from './prompts.ts'
import { readAddress } from './read-address.ts'
import type { DeviceSetup } from './setup.ts'

/** Those that are found, and those whose address somebody knows; one at least. */
export async function askDevices(prompts: Prompts, run: InitRun): Promise<DeviceSetup[]> {
  const devices: DeviceSetup[] = []
  const add = async (url: string): Promise<void> => {
    const device = await askDevice(url, prompts, { ...run, others: devices })
    if (device === 'other address') return add(await askAddress(prompts, devices))
    if (device !== 'leave out') devices.push(device)
  }
  for (const url of await chooseFound(prompts, run)) await add(url)
  while (devices.length === 0 || (await prompts.yesOrNo('Add another device, by its address?')))
    await add(await askAddress(prompts, devices))
  return devices
}

async function chooseFound(prompts: Prompts, { browse, surroundings, signal }: InitRun): Promise<string[]> {
  prompts.say('Looking for IoTaWatts on this network, for some seconds …')
  const found = await findDevices(browse, surroundings, signal)
  if (found.length === 0) {
    prompts.say('None answered here: they may be in another network, or multicast DNS may not get through.')
    return []
  }
  const choices = found.map(({ url, name }) => ({
    value: url,
    label: name === undefined ? `${url}: wants a login, so it may be an IoTaWatt` : `${url}: ${name}`,
  }))
  const recognized = new Set(found.filter(({ name }) => name !== undefined).map(({ url }) => url))
  return prompts.chooseSome('Which of these are copied? (more can be added afterwards)', choices, {
    chosen: (url) => recognized.has(url),
    mayBeNone: true,
  })
}

async function askAddress(prompts: Prompts, others: readonly DeviceSetup[]): Promise<string> {
  const answer = await prompts.text('What is the address of the IoTaWatt?', {
    placeholder: 'iotawatt.local or 192.168.1.50',
    problem: (text) => {
      const reading = readAddress(text)
      if (!('value' in reading)) return `expected ${reading.expected}`
      return others.some(({ url }) => url === reading.value) ? 'this device is there already' : undefined
    },
  })
  const reading = readAddress(answer)
  return 'value' in reading ? reading.value : answer
}

import type { Prompts } from './prompts.ts'
import { type InfluxDbSetup, readAddress } from './setup.ts'

/** Where an InfluxDB is, and what of it the samples go into. */
export async function askInfluxDb(prompts: Prompts): Promise<InfluxDbSetup> {
  const address = await prompts.text('What is its address?', {
    initial: 'http://localhost:8086',
    problem: (text) => {
      const reading = readAddress(text)
      return 'value' in reading ? undefined : `expected ${reading.expected}`
    },
  })
  const reading = readAddress(address)
  const url = 'value' in reading ? reading.value : address
  const version = await prompts.choose<'1.x' | '2.x'>('Which InfluxDB is it?', [
    { value: '1.x', label: '1.x', hint: 'it has databases' },
    { value: '2.x', label: '2.x', hint: 'it has organizations and buckets, and wants a token' },
  ])
  if (version === '1.x') return { type: 'influxdb', url, database: await askName(prompts, 'Which database?') }
  const organization = await askName(prompts, 'Which organization?')
  const bucket = await askName(prompts, 'Which bucket?')
  return {
    type: 'influxdb',
    url,
    organization,
    bucket,
    login: { kind: 'token', secret: await prompts.password('The token') },
  }
}

function askName(prompts: Prompts, question: string): Promise<string> {
  return prompts.text(question, { problem: (text) => (text.trim() === '' ? 'expected its name' : undefined) })
}

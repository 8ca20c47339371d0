import { inspect } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { loadText, mistakesIn } from '../../test/test-config.ts'

const DEVICES = 'devices:\n  - { name: a, url: http://a }\n'

describe('secrets', () => {
  const secrets = 's3cr3t'

  test.each([
    ['store: { url: http://vm, password: s3cr3t }'],
    ['store: { url: http://u:s3cr3t@vm }'],
    ['store: { url: "u:s3cr3t@vm" }'],
    ['store: { url: "http://vm/?token=s3cr3t" }'],
    ['store: "http://u:s3cr3t@vm"'],
    ['alerts: { to: [{ type: webhook, url: http://a, token: "s3cr3t " }] }'],
    ['alerts: { to: [{ type: webhook, url: http://a, token: s3cr3t }, { type: s3cr3t }] }'],
    ['alerts: { to: [{ type: webhook, url: http://a, token: s3cr3t, tokenFile: s3cr3t }] }'],
    ['store: { url: http://vm, token: [s3cr3t] }'],
    ['store: { url: http://vm, headers: { a: "s3cr3t\\n" } }'],
    ['store: { url: http://vm, headers: { "a b": "s3cr3t" } }'],
    ['store: { url: http://vm, passwort: s3cr3t }'],
    ['store: { url: http://vm, password: s3cr3t'],
    ['store: { url: http://vm, headers: { Bearer s3cr3t: x } }'],
    ['store: { url: http://vm, headers: { A: x, s3cr3t: 1 } }'],
    ['store: { url: http://vm, headers: { s3cr3t: x, s3cr3t: y } }'],
    ['store: { url: http://vm, password: { s3cr3t, s3cr3t } }'],
    ['store: { url: http://vm, passwort: { s3cr3t, s3cr3t } }'],
    ['store: { url: http://vm, password s3cr3t }'],
    ['store: { url: http://vm, password: {{ s3cr3t }} }'],
    ['store: { url: http://vm, token: {{s3cr3t}} }'],
    ['store: { url: http://vm, {{s3cr3t}} }'],
    ['store: { url: "http://admin:s3cr3t/RETpw@vm" }'],
    ['store: { url: "http://admin:TOP s3cr3t/RETpw@vm" }'],
    ['store: { url: "admin:s3cr3t SECRET@vm" }'],
    ["store: { url: 'admin:s3cr3t\"SECRET@vm' }"],
    ['store: { url: "vm:8428?token=s3cr3t" }'],
    ['store: "http://vm/?token=a s3cr3t"'],
    ['store: { url: "http://admin:80/s3cr3t@vm" }'],
    ['web: { listen: "s3cr3t@nas:80" }'],
    ['labels: [{ match: "/(u:s3cr3t@vm/", set: {} }]'],
    ['store: { url: http://vm, password: s3cr3t }\ninterval: s3cr3t'],
    ['store: { url: http://vm, headers: { a: s3cr3t } }\nhouse: { timezone: " s3cr3t" }'],
  ])('are not in messages, nor in those of Node: %s', async (text) => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    expect((await mistakesIn(`${text}\n${DEVICES}`)).join()).not.toContain(secrets)
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
  })

  test.each([
    ['STORE_HEADERS', '{{s3cr3t}: 1}'],
    ['STORE_HEADERS', '{ s3cr3t: 1 }'],
    ['STORE_HEADERS', '{ Bearer s3cr3t: x }'],
    ['STORE_HEADERS', '{ s3cr3t: x, s3cr3t: y }'],
    ['DEVICES', '[{ name: a, url: http://a, password: {{s3cr3t}} }]'],
    ['DEVICES', '[{ name: a, url: http://a, {s3cr3t}: x }]'],
    ['DEVICES_A_URL', 'http://u:a/s3cr3t/b@vm'],
  ])('are not in messages about IOTAWATT_SYNC_%s=%s', async (name, text) => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const env = { IOTAWATT_SYNC_STORE_URL: 'http://vm', [`IOTAWATT_SYNC_${name}`]: text }
    expect((await mistakesIn(DEVICES, { env })).join()).not.toContain(secrets)
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
  })

  test('do not show wherever the configuration is printed', async () => {
    const text = `store: { url: http://vm, username: u, password: s3cr3t, headers: { X-Key: s3cr3t } }\n${DEVICES}`
    const { config } = await loadText(text)
    const auth = config.store.type === 'victoriametrics' ? config.store.auth : undefined
    expect(auth?.kind === 'basic' && auth.password.reveal()).toBe(secrets)
    expect(
      [
        inspect(config, { depth: 9, showHidden: true }),
        JSON.stringify(config),
        `${auth?.kind === 'basic' && auth.password}`,
      ].join(),
    ).not.toContain(secrets)
  })

  test('come from files beside the configuration, without the line end', async () => {
    const text =
      'store: { url: http://vm, username: u, passwordFile: pw }\ndevices: [{ name: a, url: http://a, passwordFile: ./pw }]'
    const { config } = await loadText(text, { files: { pw: 's3cr3t\r\n' } })
    const auth = config.store.type === 'victoriametrics' ? config.store.auth : undefined
    expect(auth?.kind === 'basic' && auth.password.reveal()).toBe(secrets)
    expect(config.devices[0]?.auth?.username).toBe('admin')
    expect(config.devices[0]?.auth?.password.reveal()).toBe(secrets)
  })

  test.each([
    ['a line too much', 'tok\nen', 'several lines'],
    ['a letter that HTTP does not carry', 'tok✓en', 'no token'],
    ['a space', 'tok en', 'no token'],
    ['nothing', '\n', 'nothing'],
  ])('in a file with %s are refused, and not shown', async (_, tok, words) => {
    const [mistake = ''] = await mistakesIn(`store: { url: http://vm, tokenFile: tok }\n${DEVICES}`, { files: { tok } })
    expect(mistake).toMatch(new RegExp(`store.tokenFile: found .*${words}`))
    expect(mistake).not.toMatch(/tok.en/)
  })

  test('of the web are given once', async () => {
    const text = `web: { token: 0123456789abcdef, tokenFile: tok }\n${DEVICES}`
    expect(await mistakesIn(text, { files: { tok: '0123456789abcdef' } })).toEqual([
      'c.yaml:1:33 web.tokenFile: found beside token; expected one of the two',
    ])
  })

  test.each([
    ['0123456789abcdef', 0],
    ['0123456789abcde', 1],
  ])('of the web in a file are long: %s', async (tok, mistakeCount) => {
    const load = loadText(`web: { listen: ":80", tokenFile: tok }\n${DEVICES}`, { files: { tok } })
    if (mistakeCount === 0) expect((await load).config.web.token?.reveal()).toBe(tok)
    else await expect(load).rejects.toThrow(/at least 16 letters/)
  })

  test('come from a file with the mark that some editors put before a text', async () => {
    const { config } = await loadText(`store: { url: http://vm, tokenFile: tok }\n${DEVICES}`, {
      files: { tok: '\ufefft0k\n' },
    })
    const auth = config.store.type === 'victoriametrics' ? config.store.auth : undefined
    expect(auth?.kind === 'bearer' && auth.token.reveal()).toBe('t0k')
  })

  test('in a file that every user may read are worth a warning', async () => {
    const warnings = async (text: string) => (await loadText(text, { mode: 0o644 })).warnings
    expect(await warnings(`store: { url: http://vm, token: t }\n${DEVICES}`)).toEqual([
      expect.stringContaining('chmod 640'),
    ])
    expect(await warnings(`store: { url: http://vm }\n${DEVICES}`)).toEqual([])
  })
})

import { expect, it } from 'vitest'
import { hrefOf, readPlace, readRoute } from './route.ts'

it.each([
  ['http://house/', '/', 'now'],
  ['http://house/energy', '/', 'energy'],
  ['http://house/energy/', '/energy/', 'now'],
  ['http://house/energy/energy?span=day', '/energy/', 'energy'],
  ['http://house/api/hassio_ingress/Zm9v/power', '/api/hassio_ingress/Zm9v/', 'power'],
])('the page at %s has its root at %s and shows %s', (baseURI, root, view) => {
  const place = readPlace({ baseURI, documentElement: { dataset: {} } as HTMLElement })
  expect([place.root, place.hasLogin, place.at('/api/v1/now')]).toEqual([root, false, `${root}api/v1/now`])
  expect(readRoute(new URL(baseURI), root).view).toBe(view)
  expect(hrefOf('power', { ch: 'Dryer' }, root)).toBe(`${root}power?ch=Dryer`)
})

it('the server knows better, where it was told', () => {
  const documentElement = { dataset: { root: '/energy/', login: '' } } as unknown as HTMLElement
  const { root, hasLogin } = readPlace({ baseURI: 'http://house/energy', documentElement })
  expect([root, hasLogin, readRoute(new URL('http://house/energy'), root).view]).toEqual(['/energy/', true, 'now'])
})

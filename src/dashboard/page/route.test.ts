import { expect, it } from 'vitest'
import { firstQuestions } from '../../api/view-questions.ts'
import { hrefOf, readRoute } from './route.ts'

it.each([
  ['/', 'now'],
  ['/power', 'power'],
  ['/energy/', 'energy'],
  ['/setup', 'setup'],
  ['/something', 'now'],
])('%s shows %s', (pathname, view) => expect(readRoute({ pathname, search: '' }).view).toBe(view))

it('a link comes back as what it was made from', () => {
  const query = { from: '2026-03-26T13:40-04:00', until: '2026-03-27T01:10+05:30', ch: 'Dryer,Fridge & Co/2' }
  const url = new URL(hrefOf('power', { ...query, step: undefined }), 'http://house')
  expect(url.search).toContain('from=2026-03-26T13:40-04:00&until=2026-03-27T01:10%2B05:30&ch=Dryer,Fridge')
  expect(Object.fromEntries(readRoute(url).query)).toEqual(query)
})

it.each([
  ['/now', '', ['/api/v1/now', '/api/v1/tariffs']],
  ['/bills', '', ['/api/v1/bills?compare=true']],
  ['/energy', '', ['energy', 'consumers', 'hours'].map((name) => `/api/v1/${name}?span=month`)],
  [
    '/energy',
    '?span=day&date=2026-03-08',
    ['energy', 'consumers', 'hours'].map((name) => `/api/v1/${name}?span=day&date=2026-03-08`),
  ],
  [
    '/energy',
    '?compare=year',
    ['/api/v1/energy?span=month&compare=year', '/api/v1/consumers?span=month&compare=year', '/api/v1/hours?span=month'],
  ],
  [
    '/energy',
    '?span=day&unit=money',
    [...['energy', 'consumers', 'hours', 'costs'].map((name) => `/api/v1/${name}?span=day`), '/api/v1/tariffs'],
  ],
  ['/energy', '?span=year&compare=year', ['energy', 'consumers', 'hours'].map((name) => `/api/v1/${name}?span=year`)],
])('%s%s asks at once for status, house and %j', (pathname, search, paths) =>
  expect(firstQuestions(readRoute({ pathname, search }))).toEqual(['/api/v1/status', '/api/v1/house', ...paths]),
)

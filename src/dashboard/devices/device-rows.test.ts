import { expect, it } from 'vitest'
import { splitStore } from './device-rows.tsx'

it.each([
  ['VictoriaMetrics at https://vm.example.net', 'VictoriaMetrics', 'https://vm.example.net'],
  ['embedded store in /data/store.duckdb', 'Embedded store', '/data/store.duckdb'],
  ['store', 'Store', ''],
])('%s is %s, at %s', (name, kind, place) => expect(splitStore(name)).toEqual({ kind, place }))

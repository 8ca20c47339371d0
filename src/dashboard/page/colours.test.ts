import { expect, it } from 'vitest'
import type { House } from '../api/answers.ts'
import { colourGroups, periodColour } from './colours.ts'

const house = (groups: House['groups']): House => ({
  timezone: 'UTC',
  wiring: 'ahead',
  isConfigured: true,
  hasMains: true,
  hasSolar: true,
  channels: [],
  groups,
  labelNames: [],
})

it('gives six hues to groups, and a grey to the rest of them', () => {
  const groups = Array.from({ length: 8 }, (_, index) => ({ name: `${index}`, channels: [] }))
  expect(colourGroups(house(groups)).map(({ token }) => token)).toEqual([
    'g1',
    'g2',
    'g3',
    'g4',
    'g5',
    'g6',
    'rest',
    'rest',
  ])
})

it('gives five tints to the circuits of a group; the sixth shares the last', () => {
  const [group] = colourGroups(house([{ name: 'Rooms', channels: ['a', 'b', 'c', 'd', 'e', 'f'] }]))
  const colours = group?.circuits.map(({ colour }) => colour) ?? []
  expect(colours[0]).toBe('var(--g1)')
  expect(colours[1]).toBe('color-mix(in oklab, var(--g1) 76%, var(--bg))')
  expect(new Set(colours.slice(0, 5)).size).toBe(5)
  expect(colours[5]).toBe(colours[4])
})

it('gives groups and circuits the colours and names of the configuration', () => {
  const channels: House['channels'] = [
    { id: 'a', device: 'd', location: 'a', role: 'circuit', labels: {}, name: 'Desk' },
    { id: 'b', device: 'd', location: 'b', role: 'circuit', labels: {}, colour: 'grey' },
  ]
  const [group] = colourGroups({ ...house([{ name: 'Rooms', colour: 'blue', channels: ['a', 'b'] }]), channels })
  expect(group?.token).toBe('g4')
  expect(group?.circuits.map(({ name, colour }) => [name, colour])).toEqual([
    ['Desk', 'var(--g4)'],
    ['b', 'var(--rest)'],
  ])
})

it('gives the cheapest and the dearest period the ends of their colours', () => {
  const of = (count: number) => Array.from({ length: count }, (_, rank) => periodColour(rank, count))
  expect(of(1)).toEqual(['p1'])
  expect(of(2)).toEqual(['p1', 'p5'])
  expect(of(3)).toEqual(['p1', 'p3', 'p5'])
  expect(of(7)).toEqual(['p1', 'p2', 'p2', 'p3', 'p4', 'p4', 'p5'])
})

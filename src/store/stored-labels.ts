import { seriesKey, type Labels } from '../model/series.ts'

/** The labels as a store keeps them: one with an empty value is no label. */
export function storedLabels(labels: Labels): Labels {
  return Object.values(labels).includes('')
    ? Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''))
    : labels
}

export function storedKey(labels: Labels): string {
  return seriesKey(storedLabels(labels))
}

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

/** For messages. */
export function describeLabels(labels: Labels): string {
  return JSON.stringify(labels).slice(0, 300)
}

const TENANT_LABELS = ['vm_account_id', 'vm_project_id']

/** What `select/multitenant` adds to each series of the default tenant is no label of it. */
export function withoutTenant(labels: Labels): Labels {
  if (!TENANT_LABELS.some((name) => labels[name] === '0')) return labels
  return Object.fromEntries(
    Object.entries(labels).filter(([name, value]) => !(TENANT_LABELS.includes(name) && value === '0')),
  )
}

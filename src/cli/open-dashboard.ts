import { fileURLToPath } from 'node:url'
import { readDashboard, type Dashboard } from '../web/dashboard.ts'

/** The page as it was built, seen from `dist/` and from here; undefined where it was not. */
export async function openDashboard(): Promise<Dashboard | undefined> {
  for (const path of ['./dashboard', '../../dist/dashboard']) {
    const found = await readDashboard(fileURLToPath(new URL(path, import.meta.url))).catch(() => undefined)
    if (found) return found
  }
  return undefined
}

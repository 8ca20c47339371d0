import { stat } from 'node:fs/promises'

/** False also where nobody may look. */
export function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

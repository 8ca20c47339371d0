import { ensureBuilt } from '../scripts/prepare.mjs'

/** The tests of the commands run what is built. */
export async function setup(): Promise<void> {
  await ensureBuilt()
}

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HouseEditorOptions, openHouseEditor } from '../src/cli/daemon/edit-house.ts'
import { loadConfig } from '../src/config/load-config.ts'
import type { OpenHouse } from '../src/house/open-house.ts'

interface EditedHouse {
  readonly text: string
  readonly view: OpenHouse
  readonly nowMs: number
  readonly more?: Partial<HouseEditorOptions>
}

/** A configuration file, and what the page sets up of it: as in the daemon, without one. */
export async function editedHouse({ text, view, nowMs, more }: EditedHouse) {
  const folder = await mkdtemp(join(tmpdir(), 'edited-house-'))
  const path = join(folder, 'c.yaml')
  await writeFile(path, text, { mode: 0o600 })
  const env = { TZ: 'America/New_York' }
  const { config } = await loadConfig({ path, env, cwd: folder })
  let reloads = 0
  const editor = openHouseEditor({
    config,
    path,
    env,
    isDemo: false,
    view,
    devices: config.devices.map(({ name }) => ({ name, seen: () => undefined })),
    clock: { nowMs: () => nowMs, sleep: () => Promise.resolve() },
    reload: () => void reloads++,
    ...more,
  })
  return {
    editor,
    path,
    read: () => readFile(path, 'utf8'),
    write: (next: string) => writeFile(path, next),
    reloadCount: () => reloads,
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

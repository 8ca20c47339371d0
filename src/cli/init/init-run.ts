import type { Environment } from '../../config/environment.ts'
import type { Surroundings } from '../open-store.ts'
import type { Browse } from './find-devices.ts'
import type { StoreSetup } from './setup.ts'

export interface InitFlags {
  readonly device: readonly string[]
  readonly store?: string
  readonly output?: string
  readonly yes?: boolean
}

/** What setting up works with. */
export interface InitRun {
  readonly flags: InitFlags
  /** The file to write; absolute. */
  readonly file: string
  /** What `--store` names. */
  readonly store?: StoreSetup
  readonly env: Environment
  readonly surroundings: Surroundings
  readonly browse: Browse
  readonly signal: AbortSignal
}

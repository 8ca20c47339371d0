import type { HouseFile, SaveRequest, Setup, SetupPreview, SetupSaved } from '../api/setup.ts'

export type { HouseFile, SaveRequest, Setup, SetupPreview, SetupSaved }

/** Sets up the section `house` of the configuration file, and nothing else of it. */
export interface HouseEditor {
  show(signal: AbortSignal): Promise<Setup>
  preview(house: HouseFile, signal: AbortSignal): Promise<SetupPreview>
  /** Then the daemon reads its configuration again. @throws EditError */
  save(request: SaveRequest): Promise<SetupSaved>
}

/** `changed`: the file is another than the one that was seen; `invalid`: it would have mistakes. */
export class EditError extends Error {
  readonly reason: 'changed' | 'invalid' | 'unwritable'

  constructor(reason: EditError['reason'], message: string) {
    super(message)
    this.name = 'EditError'
    this.reason = reason
  }
}

import type {
  HouseFile,
  MoneyFile,
  PreviewRequest,
  SaveRequest,
  Setup,
  SetupPreview,
  SetupSaved,
  ShownMoney,
} from '../api/setup.ts'

export type { HouseFile, MoneyFile, PreviewRequest, SaveRequest, Setup, SetupPreview, SetupSaved, ShownMoney }

/** Sets up the sections of the house and of money in the configuration file, and nothing else of it. */
export interface HouseEditor {
  show(signal: AbortSignal): Promise<Setup>
  preview(request: PreviewRequest, signal: AbortSignal): Promise<SetupPreview>
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

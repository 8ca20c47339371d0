/** What brings the firmware down: the connection is reset and the device restarts. */
export class FirmwareCrash extends Error {
  constructor(cause: string) {
    super(`the firmware crashes: ${cause}`)
    this.name = 'FirmwareCrash'
  }
}

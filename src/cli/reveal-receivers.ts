import type { Receiver } from '../alerts/send-message.ts'
import type { ReceiverConfig } from '../config/config.ts'

/** The receivers of the configuration, as they are sent to. */
export function revealReceivers(receivers: readonly ReceiverConfig[]): Receiver[] {
  return receivers.map(({ token, ...receiver }) => ({ ...receiver, ...(token && { token: token.reveal() }) }))
}

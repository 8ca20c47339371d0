import type { Card } from '../card/open-card.ts'
import type { DeviceSource } from './device-source.ts'
import { makeMac } from './make-mac.ts'

/** The card of a real device: nothing is ever added to it. */
export function cardSource(card: Card): DeviceSource {
  return {
    configText: card.configText,
    mac: makeMac(card.configText),
    logsAt: () => ({ current: card.current, history: card.history }),
    restartMs: 0,
    isOn: () => true,
    noteBlocked() {},
    noteOff() {},
    noteNewCard() {},
    noteConnected() {},
  }
}

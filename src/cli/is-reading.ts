import type { CommandRequest } from '../model/daemon.ts'

const READING: ReadonlySet<string> = new Set(['status', 'check', 'channels', 'export'])

/** Whether a command also leaves the state folder as it is, without one where there is none. */
export function writesNothing({ command }: CommandRequest): boolean {
  return READING.has(command)
}

/** Whether a command writes nothing, to the store or for the device, and so may go beside one that does. */
export function isReading({ command, options }: CommandRequest): boolean {
  if (READING.has(command)) return true
  if (command === 'verify') return options['repair'] !== true && options['reloadSeries'] !== true
  return ['load', 'migrate'].includes(command) && options['dryRun'] === true
}

/** Whether another process that has the store open may do it: a share of the device's time of its own would bind both. */
export function mayBeServed(request: CommandRequest): boolean {
  return isReading(request) && request.options['maxDeviceLoad'] === undefined
}

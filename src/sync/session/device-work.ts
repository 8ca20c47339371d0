import type { SyncContext } from './session.ts'
import type { DeviceCost } from '../../model/device.ts'

/** Something to do with a device, in steps between which something more urgent can be done. */
export interface DeviceWork<T> {
  /** True when it is finished; a step ends early when `interrupted` is true. */
  step(interrupted: () => boolean): Promise<boolean>
  result(): T
  /** Gives up what is not finished; left out: there is nothing to give up. */
  end?(reason: unknown): Promise<void>
}

/** The one place through which everything that is done with a device goes, one thing at a time. */
export interface DeviceQueue {
  readonly name: string
  run<T>(open: (context: SyncContext) => DeviceWork<T>, signal: AbortSignal): Promise<T>
  /** For what writes nothing: at once, beside what is being done; the device answers one question at a time. */
  readOnly<T>(act: (context: SyncContext) => Promise<T>): Promise<T>
}

/** A queue for a process that has nothing else to do. */
export function createDirectQueue(context: SyncContext): DeviceQueue {
  return {
    name: context.settings.deviceName,
    async run(open, signal) {
      const work = open(context)
      try {
        while (!(await work.step(() => false))) signal.throwIfAborted()
      } catch (error) {
        await work.end?.(error)
        throw error
      }
      return work.result()
    },
    readOnly: (act) => act(withoutClaim(context)),
  }
}

/** For what only reads: it works beside a process elsewhere that writes the device. */
export function withoutClaim(context: SyncContext): SyncContext {
  const { claim, ...rest } = context
  return claim ? { ...rest, findRival: claim.findRival } : rest
}

/** Work written as one function that yields wherever something more urgent may be done. */
export function workInSteps<T>(
  act: (interrupted: () => boolean) => AsyncGenerator<undefined, T, undefined>,
): DeviceWork<T> {
  let isInterrupted = () => false
  let done: { readonly value: T } | undefined
  const steps = act(() => isInterrupted())
  return {
    async step(interrupted) {
      isInterrupted = interrupted
      const next = await steps.next()
      if (next.done === true) done = { value: next.value }
      return next.done === true
    },
    result() {
      if (!done) throw new Error('the work has not been done')
      return done.value
    },
    async end(reason) {
      await steps.throw(reason).catch(() => {})
    },
  }
}

/** Work that is one step. */
export function singleStep<T>(act: () => Promise<T>): DeviceWork<T> {
  let done: { readonly value: T } | undefined
  return {
    async step() {
      done = { value: await act() }
      return true
    },
    result() {
      if (!done) throw new Error('the work has not been done')
      return done.value
    },
  }
}

/** Work during whose steps the device may be kept busy for another share of the time than it is configured. */
export function limitLoad<T>(
  work: DeviceWork<T>,
  cost: DeviceCost | undefined,
  maxLoad: number | undefined,
): DeviceWork<T> {
  if (!cost || maxLoad === undefined) return work
  return {
    async step(interrupted) {
      cost.limitLoad(maxLoad)
      try {
        return await work.step(interrupted)
      } finally {
        cost.limitLoad()
      }
    },
    result: () => work.result(),
    ...(work.end && { end: work.end }),
  }
}

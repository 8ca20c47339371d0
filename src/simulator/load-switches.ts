/** Loads of a house that somebody switches on and off, beside what they do by themselves. */
export interface LoadSwitches {
  /** From then on a load draws so much more; 0: it is off again. */
  set(load: string, watts: number, atMs: number): void
  /** What was drawn so until then. */
  wattHours(load: string, timeS: number): number
}

export function createLoadSwitches(): LoadSwitches {
  const settings = new Map<string, { readonly fromS: number; readonly watts: number }[]>()
  return {
    set(load, watts, atMs) {
      settings.set(load, [...(settings.get(load) ?? []), { fromS: atMs / 1000, watts }])
    },
    wattHours(load, timeS) {
      const own = settings.get(load) ?? []
      const energies = own.map(({ fromS, watts }, index) => {
        const untilS = Math.min(timeS, own[index + 1]?.fromS ?? Infinity)
        return (watts * Math.max(0, untilS - fromS)) / 3600
      })
      return energies.reduce((sum, each) => sum + each, 0)
    },
  }
}

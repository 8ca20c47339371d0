/** The path of promtool; undefined, with the reason given to `log`, where there is none. */
export function findPromtool(options?: { log?: (line: string) => void }): Promise<string | undefined>

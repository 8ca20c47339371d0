/** The path of Chromium; undefined, with the reason given to `log`, where there is none. */
export function findChromium(options?: { log?: (line: string) => void }): Promise<string | undefined>

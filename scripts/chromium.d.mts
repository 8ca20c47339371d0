/** The path of Chromium, fetched when there is none; undefined, with the reason given to `log`, where that cannot be. */
export function findChromium(options?: { log?: (line: string) => void }): Promise<string | undefined>

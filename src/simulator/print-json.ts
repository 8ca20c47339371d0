const BARE = '\u0000'

/** JSON as the firmware prints it: numbers that JSON has no word for are bare, and bytes that are no text stay bytes. */
export function printJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'number' && !Number.isFinite(item) ? `${BARE}${item}` : item,
  )
    .replace(/"\\u0000(NaN|-?Infinity)"/g, '$1')
    .replace(/\\u(dc[89a-f][0-9a-f])/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

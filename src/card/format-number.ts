const LONGEST = 19

/**
 * A number as the device prints it: `%#.{decimals}f` into a buffer of 20 bytes, then trailing zeros and the point
 * taken off. `-0` occurs.
 */
export function formatNumber(value: number, decimals: number, longest = LONGEST): string {
  const digits = toFixedEven(value, decimals)
  const text = (decimals === 0 && Number.isFinite(value) ? `${digits}.` : digits).slice(0, longest)
  let end = text.length
  while (text.charCodeAt(end - 1) === 48) end--
  if (text.charCodeAt(end - 1) === 46) end--
  return text.slice(0, end)
}

/** `%.{decimals}f` of C: exact, and where two results are equally near the even one (JavaScript takes the larger). */
export function toFixedEven(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : value < 0 ? '-inf' : 'nan'
  if (Object.is(value, -0)) return `-${(0).toFixed(decimals)}`
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}${decimals === 0 ? '' : `.${'0'.repeat(decimals)}`}`
  const text = value.toFixed(decimals)
  const lastDigit = text.charCodeAt(text.length - 1) - 48
  return lastDigit % 2 === 1 && isTie(value, decimals) ? `${text.slice(0, -1)}${lastDigit - 1}` : text
}

/** Only a number that ends in binary right behind the last decimal lies exactly between two of them. */
function isTie(value: number, decimals: number): boolean {
  return Math.abs(value * 2 ** (decimals + 1)) % 2 === 1
}

export function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 || noun === 'series' ? '' : 's'}`
}

/** `12 s`, `4 min`, `3 h 12 min`, `4 d 6 h` */
export function formatSpan(spanMs: number): string {
  const seconds = Math.round(spanMs / 1000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

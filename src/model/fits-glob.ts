/** Whether a glob fits all of a text: `*` is any text, `?` one character, case counts. */
export function fitsGlob(pattern: string, fitted: string): boolean {
  const [glob, text] = [Array.from(pattern), Array.from(fitted)]
  let [at, star, resumeAt] = [0, -1, 0]
  // Only the latest `*` is ever tried again, so that it takes no more than one length times the other.
  for (let next = 0; next < text.length;) {
    if (glob[at] === '*') {
      star = at++
      resumeAt = next
    } else if (at < glob.length && (glob[at] === '?' || glob[at] === text[next])) {
      at++
      next++
    } else if (star >= 0) {
      at = star + 1
      next = ++resumeAt
    } else return false
  }
  return glob.slice(at).every((rest) => rest === '*')
}

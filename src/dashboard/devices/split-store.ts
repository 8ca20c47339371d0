/** `VictoriaMetrics at https://…`, `embedded store in /data/…`: what it is, and where. */
export function splitStore(name: string): { readonly kind: string; readonly place: string } {
  const [, kind = name, place = ''] = /^(.*?) (?:at|in) (.*)$/.exec(name) ?? []
  return { kind: `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`, place }
}

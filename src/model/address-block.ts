import { BlockList, isIP } from 'node:net'

/** An address, or a network in CIDR notation, as what is in it; undefined where the text is neither. */
export function addressBlock(text: string): BlockList | undefined {
  const [address = '', bits, ...rest] = text.split('/')
  const family = familyOf(address)
  const most = family === 'ipv4' ? 32 : 128
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Infinity
  if (family === undefined || prefix > most || rest.length > 0) return undefined
  const block = new BlockList()
  block.addSubnet(address, prefix, family)
  return block
}

/** Whether an address, also an IPv4 one as IPv6 writes it, is in one of these. */
export function isInBlocks(address: string, blocks: readonly BlockList[]): boolean {
  const family = familyOf(address)
  return family !== undefined && blocks.some((block) => block.check(address, family))
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address)
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6'
}

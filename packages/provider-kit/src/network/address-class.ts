import { BlockList, isIPv4, isIPv6, SocketAddress } from 'node:net'

import {
  EMBEDDED_IPV4,
  GLOBAL_IPV6,
  LOOPBACK_RANGES,
  METADATA_GROUPS,
  METADATA_RANGES,
  PRIVATE_RANGES,
  RESERVED_RANGES,
} from './address-ranges.ts'

/** `metadata` and `reserved` are never connected to; `private` and `loopback` only where the policy says so. */
export type AddressClass = 'public' | 'loopback' | 'private' | 'metadata' | 'reserved'

const TABLES: readonly (readonly [AddressClass, BlockList])[] = [
  ['metadata', blockList(METADATA_RANGES)],
  ['loopback', blockList(LOOPBACK_RANGES)],
  ['private', blockList(PRIVATE_RANGES)],
  ['reserved', blockList(RESERVED_RANGES)],
]
const GLOBAL = blockList([GLOBAL_IPV6])
const EMBEDDING = EMBEDDED_IPV4.map(({ network, prefixLength, at }) => ({
  list: blockList([[network, prefixLength]]),
  at,
}))

/** The class of an IP address in any textual form; what is no address is `reserved`. IPv6 zones are not accepted. */
export function classifyAddress(address: string): AddressClass {
  if (isIPv4(address)) return lookUp(address, 'ipv4') ?? 'public'
  if (!isIPv6(address) || address.includes('%')) return 'reserved'
  const embedding = EMBEDDING.find(({ list }) => list.check(address, 'ipv6'))
  if (embedding) return carriedClass(classifyAddress(embeddedIpv4(address, embedding.at)))
  const known = lookUp(address, 'ipv6')
  if (known === 'private' && spellsMetadata(expandIpv6(address))) return 'metadata'
  return known ?? (GLOBAL.check(address, 'ipv6') ? 'public' : 'reserved')
}

/** A tunnel to a private or loopback address is neither: what is listed by its usual address is not listed by this one. */
function carriedClass(carried: AddressClass): AddressClass {
  return carried === 'public' || carried === 'metadata' ? carried : 'reserved'
}

function spellsMetadata(groups: readonly number[]): boolean {
  const [first, second] = METADATA_GROUPS
  return groups.some((group, at) => group === first && groups[at + 1] === second)
}

function lookUp(address: string, family: 'ipv4' | 'ipv6'): AddressClass | undefined {
  // A BlockList also matches IPv4-mapped forms of its IPv4 entries; those were judged before by what they carry.
  return TABLES.find(([, list]) => list.check(address, family))?.[0]
}

function blockList(ranges: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList()
  for (const [network, prefixLength] of ranges) list.addSubnet(network, prefixLength, isIPv4(network) ? 'ipv4' : 'ipv6')
  return list
}

function embeddedIpv4(address: string, at: number): string {
  const groups = expandIpv6(address)
  const high = groups[at / 2] ?? 0
  const low = groups[at / 2 + 1] ?? 0
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** The eight 16-bit groups of a valid IPv6 address. */
function expandIpv6(address: string): number[] {
  // SocketAddress normalises to lower case and may keep a dotted tail, which is two groups.
  const text = new SocketAddress({ address, family: 'ipv6' }).address.replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_, a: string, b: string, c: string, d: string) =>
      `${(Number(a) * 256 + Number(b)).toString(16)}:${(Number(c) * 256 + Number(d)).toString(16)}`,
  )
  const [head = '', tail] = text.split('::')
  const front = groupsOf(head)
  const back = tail === undefined ? [] : groupsOf(tail)
  return [...front, ...Array.from({ length: 8 - front.length - back.length }, () => 0), ...back]
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}

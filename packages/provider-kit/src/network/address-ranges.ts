// IANA special-purpose ranges (RFC 6890 registries, multicast and reserved space) that a public host may not resolve to
// (PROV-039), as [network, prefix length] by class. `metadata` addresses are refused even when a policy lists the host.

type Range = readonly [network: string, prefixLength: number]

export const METADATA_RANGES: readonly Range[] = [
  ['169.254.0.0', 16], // link-local: 169.254.169.254 of most clouds, 169.254.170.2 of ECS, 169.254.0.23 of Tencent
  ['100.100.100.200', 32], // Alibaba
  ['100.96.0.96', 32], // Volcano Engine
  ['100.80.80.80', 32], // UCloud
  ['168.63.129.16', 32], // Azure wire server, inside public space
  ['192.0.0.192', 32], // Oracle
  ['fd00:ec2::', 32], // EC2 over IPv6
  ['fd20:ce::254', 128], // Google over IPv6
  ['fd00:42::42', 128], // Scaleway over IPv6
  ['fd00:100::100:200', 128], // Alibaba over IPv6
  ['fe80::', 10], // link-local
]

/** 169.254.169.254 as two groups: clouds also answer at local IPv6 addresses that spell it (Oracle, Akamai). */
export const METADATA_GROUPS: readonly [number, number] = [0xa9_fe, 0xa9_fe]

export const LOOPBACK_RANGES: readonly Range[] = [
  ['127.0.0.0', 8],
  ['::1', 128],
]

export const PRIVATE_RANGES: readonly Range[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['fc00::', 7],
]

export const RESERVED_RANGES: readonly Range[] = [
  ['0.0.0.0', 8],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24], // AS112
  ['192.52.193.0', 24], // AMT
  ['192.88.99.0', 24],
  ['192.175.48.0', 24], // AS112
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['2001::', 23], // IETF protocol assignments, Teredo among them
  ['2001:db8::', 32],
  ['2620:4f:8000::', 48], // AS112
  ['3fff::', 20], // documentation
]

/** Global unicast space; IPv6 outside it is reserved unless another table says more. */
export const GLOBAL_IPV6: Range = ['2000::', 3]

/** IPv6 prefixes that carry an IPv4 address, and the byte it starts at: it is public only when what it carries is. */
export const EMBEDDED_IPV4: readonly {
  readonly network: string
  readonly prefixLength: number
  readonly at: number
}[] = [
  { network: '::ffff:0:0', prefixLength: 96, at: 12 }, // IPv4-mapped
  { network: '64:ff9b::', prefixLength: 96, at: 12 }, // NAT64
  { network: '2002::', prefixLength: 16, at: 2 }, // 6to4
]

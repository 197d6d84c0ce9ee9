/** Path to bytes. */
export type Tree = ReadonlyMap<string, Uint8Array>

const NAMES = ['a', 'b', 'Ünï', 'index', 'read me', 'zz', 'x-1', 'ß']
const WORDS = ['export', 'const', 'MUST', 'TODO:', '#', 'def', 'box', '{', '}', '"key":', '- item', 'é', '\t', '中']
const EXTENSIONS = ['ts', 'md', 'json', 'yaml', 'py', 'txt', 'bin', 'css']

/** A tree of 1 to 12 files in up to three folders: text of several kinds, bytes that are none, empty and long files, CRLF. */
export function randomTree(fraction: () => number): Tree {
  const pick = <T>(list: readonly T[]) => list[Math.floor(fraction() * list.length)]
  const tree = new Map<string, Uint8Array>()
  const count = 1 + Math.floor(fraction() * 12)
  while (tree.size < count) {
    const depth = Math.floor(fraction() * 4)
    const folders = Array.from({ length: depth }, () => `${pick(NAMES)}.d`)
    const path = [...folders, `${pick(NAMES)}${Math.floor(fraction() * 50)}.${pick(EXTENSIONS)}`].join('/')
    tree.set(path, content())
  }
  return tree

  function content(): Uint8Array {
    const kind = fraction()
    if (kind < 0.05) return new Uint8Array()
    if (kind < 0.15) return Uint8Array.from({ length: 1 + Math.floor(fraction() * 200) }, () => fraction() * 256)
    const lines = Array.from({ length: 1 + Math.floor(fraction() * (kind < 0.2 ? 400 : 20)) }, () =>
      Array.from({ length: Math.floor(fraction() * 8) }, () => pick(WORDS)).join(' '),
    )
    return new TextEncoder().encode(lines.join(kind < 0.3 ? '\r\n' : '\n') + (kind < 0.4 ? '' : '\n'))
  }
}

/** The same tree with one byte of one file that is not empty changed; undefined when all are empty. */
export function withOneByteChanged(
  tree: Tree,
  fraction: () => number,
): { readonly tree: Tree; readonly path: string } | undefined {
  const candidates = [...tree].filter(([, bytes]) => bytes.length > 0)
  const chosen = candidates[Math.floor(fraction() * candidates.length)]
  if (!chosen) return undefined
  const [path, bytes] = chosen
  const changed = Uint8Array.from(bytes)
  const index = Math.floor(fraction() * changed.length)
  changed[index] = (changed[index] ?? 0) ^ (1 << Math.floor(fraction() * 8))
  return { tree: new Map([...tree, [path, changed]]), path }
}

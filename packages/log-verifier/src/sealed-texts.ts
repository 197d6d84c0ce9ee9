/** What the files of a log's segments hold. Nothing of it is believed. */
export interface SealedTexts {
  /** Texts by the position each says it has. */
  readonly texts: ReadonlyMap<number, string>
  /** Files that hold something else than lines of their range, each position once. */
  readonly odd: readonly string[]
}

/** Reads the segments of a log, by their names. */
export function readSealedTexts(files: ReadonlyMap<string, string>): SealedTexts {
  const texts = new Map<number, string>()
  const odd: string[] = []
  for (const [name, text] of files) {
    const [, from, to] = /^(\d{12})-(\d{12})\.ndjson$/.exec(name) ?? []
    const lines = text.split('\n')
    const isWhole = from !== undefined && lines.pop() === ''
    const own = new Set<number>()
    for (const line of lines) {
      const position = positionOf(line)
      if (position >= Number(from) && position <= Number(to) && !own.has(position)) {
        own.add(position)
        texts.set(position, line)
      } else odd.push(name)
    }
    if (!isWhole) odd.push(name)
  }
  return { texts, odd: [...new Set(odd)] }
}

function positionOf(line: string): number {
  try {
    return Number(JSON.parse(line).seq)
  } catch {
    return Number.NaN
  }
}

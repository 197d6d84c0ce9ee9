import { PackError } from '../pack-error.ts'

const MAX_GLOB_LENGTH = 256
const MAX_ALTERNATIVES = 64

/** Segments of a pattern; `**` stands for any number of segments, `*` and `?` for characters inside one. */
export type PathPattern = readonly string[]

/** The paths an entry of a scope stands for: what a pattern matches; a file; else a folder with everything below it. */
export function scopePattern(entry: string, isFile: (path: string) => boolean = () => false): PathPattern {
  const segments = entry.replace(/\/$/, '').split('/')
  return isLiteral(entry) && !isFile(entry) ? [...segments, '**'] : segments
}

/** Everything below a folder; '' is the workspace. */
export function folderPattern(folder: string): PathPattern {
  return folder === '' ? ['**'] : [...folder.split('/'), '**']
}

/** Whether every path of `pattern` lies in `folder`, as far as its fixed beginning says. */
export function liesWithin(pattern: PathPattern, folder: string): boolean {
  return folder === '' || folder.split('/').every((segment, index) => segment === pattern[index] && isLiteral(segment))
}

/**
 * The patterns of one glob of a rule file, relative to the folder it governs: without a slash it matches at any depth, a
 * trailing slash takes in the folder. Braces are written out; a class such as `[a-z]` counts as any character, so that a rule
 * holds too often rather than not at all. Throws `PACK_RULE_FILE_UNREADABLE` for what this cannot say.
 */
export function globPatterns(glob: string, folder: string): PathPattern[] {
  if (glob.length > MAX_GLOB_LENGTH || /^!|[!?*+@]\(/.test(glob)) {
    throw new PackError(
      'PACK_RULE_FILE_UNREADABLE',
      `A glob below ${folder || 'the workspace'} must have at most ${MAX_GLOB_LENGTH} characters, no leading ! and no extended pattern such as +(a|b).`,
    )
  }
  const base = folder === '' ? [] : folder.split('/')
  return alternatives(glob).flatMap((text) => {
    const bare = text
      .replaceAll(/\[[^\]]*\]/g, '?')
      .replace(/^\.?\//, '')
      .replace(/\/$/, '/**')
    const segments = bare.includes('/') ? bare.split('/') : ['**', bare]
    // In a nested folder people write globs from that folder and from the root.
    const fromRoot = liesWithin(segments, folder) ? [segments] : []
    return [[...base, ...segments], ...fromRoot]
  })
}

/** `a.{ts,tsx}` as `a.ts` and `a.tsx`. */
function alternatives(glob: string): string[] {
  let texts = [glob]
  for (;;) {
    const expanded = texts.flatMap((text) => {
      const braces = /\{([^{}]*)\}/.exec(text)
      if (!braces) return [text]
      const [all, inner = ''] = braces
      return inner.split(',').map((part) => text.replace(all, () => part))
    })
    if (expanded.length > MAX_ALTERNATIVES) {
      throw new PackError('PACK_RULE_FILE_UNREADABLE', `A glob has more than ${MAX_ALTERNATIVES} alternatives.`)
    }
    if (expanded.length === texts.length && !expanded.some((text) => /\{[^{}]*\}/.test(text))) return expanded
    texts = expanded
  }
}

/** Whether some path could match both patterns. */
export function patternsOverlap(left: PathPattern, right: PathPattern): boolean {
  return overlap(left, right, '**', (a, b) =>
    overlap(Array.from(a), Array.from(b), '*', (x, y) => x === y || x === '?' || y === '?'),
  )
}

/** Whether some sequence is described by both lists, in which `wildcard` stands for any sequence. Time: the product of their lengths. */
function overlap(
  left: readonly string[],
  right: readonly string[],
  wildcard: string,
  agree: (a: string, b: string) => boolean,
): boolean {
  // row[j]: whether the first entries of `left` so far and the first j of `right` can be the same sequence.
  let row = [true]
  for (const [index, part] of right.entries()) row[index + 1] = part === wildcard && row[index] === true
  for (const part of left) {
    const next = [part === wildcard && row[0] === true]
    for (const [index, other] of right.entries()) {
      const skips = (part === wildcard || other === wildcard) && (row[index + 1] === true || next[index] === true)
      next[index + 1] = skips || (row[index] === true && part !== wildcard && other !== wildcard && agree(part, other))
    }
    row = next
  }
  return row.at(-1) === true
}

function isLiteral(text: string): boolean {
  return !/[*?]/.test(text)
}

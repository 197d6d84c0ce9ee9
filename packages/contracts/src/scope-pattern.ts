/**
 * True when a workspace-relative path lies inside a scope: it is a named file, stands below a named folder (a slash at its
 * end changes nothing) or matches a pattern (`*` and `?` inside one name, `**` for any number of folders). Case counts. Work is
 * bounded by the product of the lengths, whatever the pattern.
 */
export function isInScope(path: string, scope: readonly string[]): boolean {
  const names = path.split('/')
  return scope.some((pattern) => covers(pattern.replace(/\/$/, '').split('/'), names))
}

function covers(pattern: readonly string[], names: readonly string[]): boolean {
  const isPlain = !pattern.some((part) => part.includes('*') || part.includes('?'))
  if (isPlain) return pattern.every((part, index) => part === names[index])
  return matchesSequence(pattern, names, '**', matchesName)
}

function matchesName(pattern: string, name: string): boolean {
  return matchesSequence(
    Array.from(pattern),
    Array.from(name),
    '*',
    (wanted, character) => wanted === '?' || wanted === character,
  )
}

/** Wildcard matching with one point to go back to, so it never takes exponential time. */
function matchesSequence(
  pattern: readonly string[],
  items: readonly string[],
  star: string,
  matches: (part: string, item: string) => boolean,
): boolean {
  let at = 0
  let item = 0
  let afterStar = -1
  let resume = 0
  while (item < items.length) {
    const part = pattern[at]
    if (part === star) {
      at += 1
      afterStar = at
      resume = item
    } else if (part !== undefined && matches(part, items[item] ?? '')) {
      at += 1
      item += 1
    } else if (afterStar !== -1) {
      resume += 1
      item = resume
      at = afterStar
    } else {
      return false
    }
  }
  return pattern.slice(at).every((part) => part === star)
}

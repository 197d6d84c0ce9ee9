import { endOfFrontMatter } from '../markdown/stripped-line.ts'

/**
 * The entries of a document's front matter: each key with its values, a list one value an item. Not a YAML parser, because
 * the files are not YAML: Cursor writes `globs: *.ts,*.tsx`, in which YAML sees an alias. Undefined when it is opened with
 * `---` and never closed.
 */
export function readFrontMatter(text: string): ReadonlyMap<string, readonly string[]> | undefined {
  const lines = text.split(/\r?\n/)
  const end = endOfFrontMatter(lines)
  if (end === 0) return lines[0]?.trimEnd() === '---' ? undefined : new Map()
  const entries = new Map<string, string[]>()
  let values: string[] = []
  for (const line of lines.slice(1, end - 1)) {
    const entry = /^([A-Za-z][\w-]*):(?:\s+(.*))?$/.exec(line)
    if (entry) {
      values = listed(entry[2] ?? '')
      entries.set(entry[1] ?? '', values)
    } else {
      // An item of a list, or a further line of a folded text.
      values.push(...listed(line.trim().replace(/^-\s+/, '')))
    }
  }
  return entries
}

/** `a, b`, `[a, "b"]` or `a`; commas inside quotes and braces separate nothing. */
function listed(value: string): string[] {
  const bare = value.replace(/(?:^|\s)#.*$/, '').trim()
  const inner = /^\[.*\]$/.test(bare) ? bare.slice(1, -1) : bare
  const items = [...inner.matchAll(/(?:"[^"]*"|'[^']*'|\{[^}]*\}|[^,])+/g)]
  return items.map(([item]) => unquoted(item.trim())).filter((item) => item !== '')
}

function unquoted(text: string): string {
  return /^(["']).*\1$/.test(text) ? text.slice(1, -1) : text
}

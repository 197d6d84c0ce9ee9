import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** Every file below the given folders, and the given files themselves; no links, no `.git`, no `node_modules`. */
export function readSourceFiles(roots: readonly string[], isWanted: (path: string) => boolean): SourceFile[] {
  return roots
    .flatMap((root) => (isFolder(root) ? filesBelow(root) : [root]))
    .filter(isWanted)
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }))
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isFile()) return [path]
      return entry.isDirectory() && entry.name !== '.git' && entry.name !== 'node_modules' ? filesBelow(path) : []
    })
}

function isFolder(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw new Error(`Expected --files to name files or folders that exist; got ${path}.`)
  return stat.isDirectory()
}

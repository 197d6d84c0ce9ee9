import { lstatSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync, type Dirent } from 'node:fs'
import { isAbsolute, join } from 'node:path'

/**
 * Gives the packages of a copy their installed dependencies without copying them: each `node_modules` is made anew, with a link to
 * every package the person has installed. A relative link, as workspaces have them, is made as it is, so that a package of the copy
 * finds its siblings in the copy. What a command writes into such a folder stays in the copy.
 */
export function linkModules(root: string, folder: string, packages: readonly string[]): void {
  for (const path of packages) {
    const installed = join(root, path, 'node_modules')
    if (lstatSync(installed, { throwIfNoEntry: false })?.isDirectory() !== true) continue
    const made = join(folder, path, 'node_modules')
    rmSync(made, { recursive: true, force: true })
    linkEntries(installed, made)
  }
}

function linkEntries(from: string, to: string): void {
  mkdirSync(to)
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (isCache(entry.name)) continue
    const [there, here] = [join(from, entry.name), join(to, entry.name)]
    if (holdsPackages(entry)) linkEntries(there, here)
    else symlinkSync(entry.isSymbolicLink() ? targetOf(there) : there, here)
  }
}

/** Tools keep what they have worked out beside the packages; a command makes its own. */
function isCache(name: string): boolean {
  return name.startsWith('.') && !['.bin', '.pnpm'].includes(name)
}

/** A scope, and the folder of programs: what is in them is linked one by one. */
function holdsPackages(entry: Dirent): boolean {
  return entry.isDirectory() && (entry.name.startsWith('@') || entry.name === '.bin')
}

function targetOf(link: string): string {
  const target = readlinkSync(link)
  return isAbsolute(target) ? link : target
}

import { lstatSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync, type Dirent } from 'node:fs'
import { isAbsolute, join, posix } from 'node:path'

import { stampOf } from './file-stamp.ts'

/** Folders of links, below the copy. */
export interface LinkedModules {
  readonly paths: ReadonlySet<string>
  /** Makes anew those that are not as they were made. */
  restore(): void
}

/**
 * Gives the packages of a copy their installed dependencies without copying them: each gets a `node_modules` of its own, with a link to
 * every package the person has installed. A relative link, as workspaces have them, is made as it is, so that a package of the copy
 * finds its siblings in the copy. What a command writes into such a folder stays in the copy.
 */
export function linkModules(root: string, folder: string, packages: readonly string[]): LinkedModules {
  const paths = packages
    .map((path) => posix.join(path, 'node_modules'))
    .filter((path) => lstatSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() === true)
  const make = (path: string) => link(join(root, path), join(folder, path))
  const made = new Map(paths.map((path) => [path, make(path)]))
  return {
    paths: new Set(paths),
    restore() {
      for (const [path, holders] of made) {
        const isAsMade = holders.every(({ place, stamp }) => stampOf(place) === stamp)
        if (!isAsMade) made.set(path, make(path))
      }
    },
  }
}

/** Makes the links anew; returns the folders that hold them, as they are then. */
function link(installed: string, made: string) {
  rmSync(made, { recursive: true, force: true })
  const holders: string[] = []
  linkEntries(installed, made, holders)
  return holders.map((place) => ({ place, stamp: stampOf(place) }))
}

function linkEntries(from: string, to: string, holders: string[]): void {
  mkdirSync(to)
  holders.push(to)
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (isCache(entry.name)) continue
    const [there, here] = [join(from, entry.name), join(to, entry.name)]
    if (holdsPackages(entry)) linkEntries(there, here, holders)
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

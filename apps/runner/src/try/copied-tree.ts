import {
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

import { listWorkspace } from '../environment/workspace-listing.ts'
import { CONFIG_FILE } from '../workspace/committed-files.ts'
import { loadConfig } from '../workspace/config-file.ts'

/** Every path that takes part in a lock of this workspace: what is listed, what is left out by name, and what decides that. */
export function lockedPaths(root: string): string[] {
  const { sources } = loadConfig(root).config
  const { files, excluded } = listWorkspace(root, { ...sources, include: [] })
  const paths = [...files, ...excluded].map(({ path }) => path)
  const folders = new Set(paths.flatMap(foldersAbove))
  const rules = [...folders].map((folder) => (folder === '' ? '.gitignore' : `${folder}/.gitignore`))
  return [...new Set([CONFIG_FILE, ...rules, ...paths])].filter((path) => entryAt(join(root, path)) !== undefined)
}

/** Copies files with their modes, and links as links; plugins of the config are found through the original's `node_modules`. */
export function copyPaths(from: string, to: string, paths: readonly string[]): void {
  for (const path of paths) copyEntry(join(from, path), join(to, path))
  const modules = join(from, 'node_modules')
  if (existsSync(modules) && !existsSync(join(to, 'node_modules'))) symlinkSync(modules, join(to, 'node_modules'))
}

/** Gives every file another time: the last one the oldest, decades apart. */
export function shuffleTimes(root: string, paths: readonly string[]): void {
  for (const [index, path] of paths.entries()) {
    if (entryAt(join(root, path))?.isFile() !== true) continue
    const seconds = ((index * 7919 + 13) % 1_000_003) * 1_000
    utimesSync(join(root, path), seconds, seconds)
  }
}

function copyEntry(from: string, to: string): void {
  const entry = entryAt(from)
  if (entry === undefined) return
  mkdirSync(dirname(to), { recursive: true })
  rmSync(to, { recursive: true, force: true })
  if (entry.isSymbolicLink()) symlinkSync(readlinkSync(from), to)
  else if (entry.isFile()) copyFileSync(from, to, constants.COPYFILE_FICLONE)
}

/** Undefined when it vanished, or its name can not be looked up. */
function entryAt(path: string) {
  try {
    return lstatSync(path)
  } catch {
    return undefined
  }
}

function foldersAbove(path: string): string[] {
  const folder = path.includes('/') ? dirname(path) : ''
  return folder === '' ? [''] : [folder, ...foldersAbove(folder)]
}

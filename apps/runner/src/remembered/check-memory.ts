import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join, relative } from 'node:path'

import { textHash } from '@ctxlock/core-hash'

import { readOwnFile } from '../environment/regular-file.ts'
import { parseRememberedCheck, type RememberedCheck } from './remembered-check.ts'

/** The last check of each workspace that found nothing changed. */
export interface CheckMemory {
  /** Names ctxlock and Node exactly: what one build says, another may not repeat. */
  readonly program: string
  recall(root: string): RememberedCheck | undefined
  remember(root: string, check: RememberedCheck): void
}

const MAX_BYTES = 1_048_576

/**
 * The memory in the person's own cache folder. Never in the workspace or its state: a repository could bring those along, and
 * its word must not stand for a check (decisions/0024). Undefined when ctxlock runs from source, where nothing names the
 * program exactly.
 */
export function openCheckMemory(root: string, variables: NodeJS.ProcessEnv): CheckMemory | undefined {
  const build = buildId()
  const folder = memoryFolder(root, variables)
  if (build === undefined || folder === undefined) return undefined
  return checkMemoryIn(folder, JSON.stringify([build, process.platform, process.arch, process.versions]))
}

export function checkMemoryIn(folder: string, program: string): CheckMemory {
  const fileOf = (root: string) => join(folder, `${textHash(root)}.json`)
  const readText = (root: string) => readOwnFile(fileOf(root), MAX_BYTES).toString('utf8')
  return {
    program,
    recall(root) {
      try {
        return parseRememberedCheck(readText(root))
      } catch {
        return undefined
      }
    },
    remember(root, check) {
      const text = JSON.stringify(check)
      try {
        if (readText(root) === text) return
      } catch {
        // There is none yet, or it is not to be trusted: then it is replaced.
      }
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        replaceFile(fileOf(root), text)
      } catch {
        // A home that cannot be written to only makes the next check slower.
      }
    },
  }
}

/** As a whole, but without waiting for the disk: what a crash leaves behind is no answer, and nothing is lost with it. */
function replaceFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' })
    renameSync(temporary, path)
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** Undefined when it would lie in the workspace, as it does for somebody whose home is one: it would be among the sources. */
export function memoryFolder(root: string, variables: NodeJS.ProcessEnv): string | undefined {
  const named = variables['XDG_CACHE_HOME'] ?? ''
  const folder = join(isAbsolute(named) ? named : join(homedir(), '.cache'), 'ctxlock', 'checks')
  const way = relative(root, folder)
  return way.startsWith('..') || isAbsolute(way) ? folder : undefined
}

/** The hash of the published bundle, which its build writes beside it. */
function buildId(): string | undefined {
  try {
    return readFileSync(new URL('./build-id', import.meta.url), 'utf8')
  } catch {
    return undefined
  }
}

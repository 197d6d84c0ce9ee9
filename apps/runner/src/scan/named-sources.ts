import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { pathInWorkspace } from '../workspace/path-in-workspace.ts'

/** The sources that paths of the command line name: files, and folders with all that lies in them; without a path all. */
export interface NamedSources {
  has(path: string): boolean
  /** Throws `SOURCE_UNKNOWN` for a path that names none of these sources. */
  requireEach(sources: readonly string[]): void
}

export function namedSources(root: string, currentFolder: string, paths: readonly string[]): NamedSources {
  const named = paths.map((path) => {
    const isRoot = path !== '' && resolve(realpathSync(currentFolder), path) === root
    return { path, inside: isRoot ? undefined : pathInWorkspace(root, currentFolder, path, 'scan') }
  })
  return {
    has: (source) => named.length === 0 || named.some(({ inside }) => isWithin(source, inside)),
    requireEach(sources) {
      const unknown = named.find(({ inside }) => !sources.some((source) => isWithin(source, inside)))
      if (unknown) throw sourceUnknown(unknown.path)
    },
  }
}

function isWithin(source: string, inside: string | undefined): boolean {
  return inside === undefined || source === inside || source.startsWith(`${inside}/`)
}

function sourceUnknown(path: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'SOURCE_UNKNOWN',
    message: `${path} names no source of this workspace`,
    hint: 'Give a source or a folder with sources; `ctxlock why <path>` says what keeps a file out.',
  })
}

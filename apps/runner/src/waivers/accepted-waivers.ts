import { homedir } from 'node:os'
import { isAbsolute, join, relative } from 'node:path'

import { CommandError } from '../command-error.ts'
import { writeFileAtomically } from '../environment/files.ts'
import { readOwnFile } from '../environment/regular-file.ts'
import { EXIT_CODE } from '../exit-code.ts'

/**
 * Which waivers a person of this machine has stood behind. Kept in their own config folder, one empty file a waiver: a waiver that
 * comes with a repository is that repository's word and nothing more (decisions/0027).
 */
export interface AcceptedWaivers {
  has(waiverId: string): boolean
  /** Throws `CONFIG_FOLDER_INSIDE` where none could be accepted. */
  requireFolder(): void
  add(waiverId: string): void
}

export function acceptedWaivers(root: string, variables: NodeJS.ProcessEnv): AcceptedWaivers {
  const folder = acceptedFolder(variables)
  const way = relative(root, folder)
  // Inside the workspace it could have come with the repository.
  const isOutside = way.startsWith('..') || isAbsolute(way)
  return {
    has(waiverId) {
      try {
        return isOutside && readOwnFile(join(folder, waiverId), 0).length === 0
      } catch {
        return false
      }
    },
    requireFolder() {
      if (!isOutside) throw folderInside(folder)
    },
    add(waiverId) {
      this.requireFolder()
      writeFileAtomically(join(folder, waiverId), '', 0o600)
    },
  }
}

function folderInside(folder: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'CONFIG_FOLDER_INSIDE',
    message: `${folder} lies in the workspace: what is accepted there could have come with the repository`,
    hint: 'Set XDG_CONFIG_HOME to a folder of yours outside of it.',
  })
}

function acceptedFolder(variables: NodeJS.ProcessEnv): string {
  const named = variables['XDG_CONFIG_HOME'] ?? ''
  return join(isAbsolute(named) ? named : join(homedir(), '.config'), 'ctxlock', 'waivers')
}

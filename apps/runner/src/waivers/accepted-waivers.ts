import { homedir } from 'node:os'
import { isAbsolute, join, relative } from 'node:path'

import { writeFileAtomically } from '../environment/files.ts'
import { readOwnFile } from '../environment/regular-file.ts'

/**
 * Which waivers a person of this machine has stood behind. Kept in their own config folder, one empty file a waiver: a waiver that
 * comes with a repository is that repository's word and nothing more (decisions/0027).
 */
export interface AcceptedWaivers {
  has(waiverId: string): boolean
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
    add(waiverId) {
      if (!isOutside)
        throw new Error(`the config folder ${folder} lies in the workspace; set XDG_CONFIG_HOME to one outside`)
      writeFileAtomically(join(folder, waiverId), '', 0o600)
    },
  }
}

function acceptedFolder(variables: NodeJS.ProcessEnv): string {
  const named = variables['XDG_CONFIG_HOME'] ?? ''
  return join(isAbsolute(named) ? named : join(homedir(), '.config'), 'ctxlock', 'waivers')
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { HeadSink } from '@ctxlock/flight-recorder'

import { writeFileAtomically } from './files.ts'
import { errorCode } from './workspace-reader.ts'

/** Keeps the head of the log as `log/head.json` beside the database. */
export function createHeadFile(stateFolder: string): HeadSink {
  const path = join(stateFolder, 'log', 'head.json')
  return {
    read() {
      try {
        return readFileSync(path, 'utf8')
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return undefined
        throw error
      }
    },
    write(text) {
      writeFileAtomically(path, text, 0o600)
    },
  }
}

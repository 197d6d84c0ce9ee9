import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { applyEdits, modify, type JSONPath } from 'jsonc-parser'

import { writeFileAtomically } from '../environment/files.ts'
import { CONFIG_FILE } from './committed-files.ts'

export interface ConfigChange {
  /** Where: `['providers', -1]` puts one behind the last. */
  readonly path: JSONPath
  readonly value: unknown
}

/**
 * Changes single values of the config file and leaves the rest of its text as a person wrote it; without a file one is made. The
 * file is replaced as a whole. The caller holds the state's transaction, so that two commands do not lose each other's change.
 */
export function editConfig(root: string, changes: readonly ConfigChange[]): void {
  const named = join(root, CONFIG_FILE)
  if (!existsSync(named)) {
    writeFileAtomically(named, changes.reduce(withChange, EMPTY_CONFIG))
    return
  }
  // A link stays a link; what it points to is replaced.
  const path = realpathSync(named)
  writeFileAtomically(path, changes.reduce(withChange, readFileSync(path, 'utf8')), statSync(path).mode & 0o777)
}

const EMPTY_CONFIG = '{\n  "schema_version": "ctxlock.config@1"\n}\n'

function withChange(text: string, { path, value }: ConfigChange): string {
  return applyEdits(text, modify(text, path, value, { formattingOptions: formattingOf(text) }))
}

function formattingOf(text: string) {
  const [indent = '  '] = /^[ \t]+(?=\S)/m.exec(text) ?? []
  return { insertSpaces: !indent.startsWith('\t'), tabSize: indent.length, eol: text.includes('\r\n') ? '\r\n' : '\n' }
}

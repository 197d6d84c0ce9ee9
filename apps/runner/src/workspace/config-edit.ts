import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

import { applyEdits, modify, type JSONPath } from 'jsonc-parser'

import { CommandError } from '../command-error.ts'
import { writeFileAtomically } from '../environment/files.ts'
import { EXIT_CODE } from '../exit-code.ts'
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
  const edited = changes.reduce(withChange, readFileSync(path, 'utf8'))
  checkChanges(named, edited, changes)
  writeFileAtomically(path, edited, statSync(path).mode & 0o777)
}

const EMPTY_CONFIG = '{\n  "schema_version": "ctxlock.config@1"\n}\n'

function withChange(text: string, { path, value }: ConfigChange): string {
  return applyEdits(text, modify(text, path, value, { formattingOptions: formattingOf(text) }))
}

function formattingOf(text: string) {
  const [indent = '  '] = /^[ \t]+(?=\S)/m.exec(text) ?? []
  return { insertSpaces: !indent.startsWith('\t'), tabSize: indent.length, eol: text.includes('\r\n') ? '\r\n' : '\n' }
}

/** Where a field stands twice, the first one is edited and the last one counts: that would change nothing and say it did. */
function checkChanges(path: string, edited: string, changes: readonly ConfigChange[]): void {
  const config: unknown = JSON.parse(edited.replace(/^\uFEFF/, ''))
  const missed = changes.find((change) => !isDeepStrictEqual(valueAt(config, change.path), change.value))
  if (!missed) return
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'CONFIG_INVALID',
    message: `the config at ${path} was not changed: \`${String(missed.path[0])}\` stands in it twice`,
    hint: 'Leave one of them, and run the command again.',
  })
}

function valueAt(value: unknown, path: JSONPath): unknown {
  return path.reduce<unknown>((current, key) => {
    if (Array.isArray(current)) return current.at(Number(key))
    return typeof current === 'object' && current !== null ? Reflect.get(current, key) : undefined
  }, value)
}

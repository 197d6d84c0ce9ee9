import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

import { applyEdits, modify, type JSONPath } from 'jsonc-parser'

import { CommandError } from '../command-error.ts'
import { writeFileAtomically } from '../environment/files.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { CONFIG_FILE } from './committed-files.ts'
import { MAX_WRITTEN_BYTES } from './written-file.ts'

export interface ConfigChange {
  /** Where: `['providers', -1]` puts one behind the last. */
  readonly path: JSONPath
  readonly value: unknown
}

/**
 * Changes single values of the config file and leaves the rest of its text as a person wrote it; without a file one is made. The
 * file is replaced as a whole. Throws `CONFIG_TOO_LARGE`, `CONFIG_INVALID`. The caller holds the state's transaction, so that two commands do not lose each other's change.
 */
export function editConfig(root: string, changes: readonly ConfigChange[]): void {
  const named = join(root, CONFIG_FILE)
  // A link stays a link; what it points to is replaced.
  const path = existsSync(named) ? realpathSync(named) : undefined
  const edited = changes.reduce(withChange, path === undefined ? EMPTY_CONFIG : readFileSync(path, 'utf8'))
  checkSize(named, edited)
  checkChanges(named, edited, changes)
  if (path === undefined) writeFileAtomically(named, edited)
  else writeFileAtomically(path, edited, statSync(path).mode & 0o777)
}

const EMPTY_CONFIG = '{\n  "schema_version": "ctxlock.config@1"\n}\n'

/** The library finds the place with a mark; it would take minutes to lay out a value of many lines, so that is done here. */
function withChange(text: string, { path, value }: ConfigChange): string {
  const formattingOptions = formattingOf(text)
  const mark = `value-${randomUUID()}`
  const placed = applyEdits(text, modify(text, path, mark, { formattingOptions }))
  const at = placed.indexOf(JSON.stringify(mark))
  const [margin = ''] = /^[ \t]*/.exec(placed.slice(placed.lastIndexOf('\n', at) + 1)) ?? []
  const { insertSpaces, tabSize, eol } = formattingOptions
  const lines = JSON.stringify(value, null, insertSpaces ? tabSize : '\t').split('\n')
  return placed.slice(0, at) + lines.join(eol + margin) + placed.slice(at + JSON.stringify(mark).length)
}

function formattingOf(text: string) {
  const [indent = '  '] = /^[ \t]+(?=\S)/m.exec(text) ?? []
  return { insertSpaces: !indent.startsWith('\t'), tabSize: indent.length, eol: text.includes('\r\n') ? '\r\n' : '\n' }
}

/** What could not be read again is not written. */
function checkSize(path: string, edited: string): void {
  if (Buffer.byteLength(edited) <= MAX_WRITTEN_BYTES) return
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'CONFIG_TOO_LARGE',
    message: `the config at ${path} was not changed: it would be larger than ${MAX_WRITTEN_BYTES} bytes and could not be read any more`,
    hint: 'Name the models that are used with --model, instead of taking all that a server lists.',
  })
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

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { LanguageError } from '../language-error.ts'
import type { PinnedFile } from './grammar-table.ts'

/**
 * The bytes of a wasm file of this package. Throws `GRAMMAR_MISSING` when the file is not there and `GRAMMAR_CHANGED` when
 * it is not the pinned one: another grammar would give other packs under the same builder hash (CP-001).
 */
export async function readPinnedFile(pinned: PinnedFile, locate = locatePinnedFile): Promise<Uint8Array> {
  const bytes = await readFile(locate(pinned)).catch((cause: unknown) => {
    throw new LanguageError(
      'GRAMMAR_MISSING',
      `Expected ${pinned.file} of ${pinned.package} ${pinned.version}; it cannot be read. Install the package again.`,
      { cause },
    )
  })
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 === pinned.sha256) return bytes
  throw new LanguageError(
    'GRAMMAR_CHANGED',
    `Expected ${pinned.file} of ${pinned.package} ${pinned.version} with SHA-256 ${pinned.sha256}, got ${sha256}. Install the pinned version.`,
  )
}

/** Published, the grammars lie beside this file; from source, they are taken out of the packages they come from. */
function locatePinnedFile(pinned: PinnedFile): string {
  const published = join(dirname(fileURLToPath(import.meta.url)), basename(pinned.file))
  return existsSync(published) ? published : fileInPackage(pinned)
}

export function fileInPackage({ package: name, file }: PinnedFile): string {
  const require = createRequire(import.meta.url)
  // Some packages export neither their wasm nor their manifest, so their folder is looked up.
  const folder = require.resolve.paths(name)?.find((candidate) => existsSync(join(candidate, name, file)))
  return join(folder ?? '', name, file)
}

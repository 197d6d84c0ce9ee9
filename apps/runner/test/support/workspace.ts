import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { onTestFinished } from 'vitest'

/** A folder of its own under the system's temporary folder, removed when the test ends. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ctxlock-test-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A workspace with the given files. */
export function makeWorkspace(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = temporaryFolder()
  writeFiles(root, files)
  return root
}

export function writeFiles(root: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
}

/** Every file below a folder with its bytes, for searching what must not be there. */
export function readTree(folder: string): { readonly path: string; readonly bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, bytes: readFileSync(path) }))
}

/** A small workspace whose answer to `How is a checksum computed?` stands in one file. */
export const SMALL_WORKSPACE = {
  'README.md':
    '# Parcel\n\nParcel moves boxes between depots.\n\n## Checksums\n\nA checksum is computed over the raw bytes of a box.\n',
  'src/checksum.ts':
    "import { createHash } from 'node:crypto'\n\n/** Computes the checksum of a box: SHA-256 over its raw bytes. */\nexport function computeChecksum(bytes: Uint8Array): string {\n  return createHash('sha256').update(bytes).digest('hex')\n}\n",
  'src/depot.ts':
    'export interface Depot {\n  readonly name: string\n  readonly capacity: number\n}\n\nexport function hasRoom(depot: Depot, boxes: number): boolean {\n  return boxes < depot.capacity\n}\n',
  'docs-src/transport.md': '# Transport\n\nBoxes travel by train. A depot accepts a box when it has room.\n',
}

/** A task over that workspace whose steps can be told apart in what is sent. */
export const THREE_STEPS = {
  schema_version: 'ctxlock.task@1',
  goal: 'Explain how boxes are checked.',
  scope: ['src/', 'README.md'],
  done: ['The checksum is explained.'],
  expected_output: 'structured_answer',
  steps: ['one', 'two', 'three'].map((name) => ({ name, goal: `Explain the checksum, part ${name}.` })),
}

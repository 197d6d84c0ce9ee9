import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { measure } from './canonical.ts'

test('times the files it is given, and tells ASCII from Unicode', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'measure-canonical-'))
  try {
    writeFileSync(join(folder, 'a.json'), '{"b": [1, 2], "a": "text"}')
    writeFileSync(join(folder, 'b.json'), '{"größe": [1.5]}')
    const result = await measure(['--files', join(folder, 'a.json'), join(folder, 'b.json'), '--rounds', '1'])
    expect(result).toMatchObject({
      ascii: { worst_text_ratio: expect.any(Number), peer_hash_ratio: expect.any(Number) },
      unicode: { worst_text_ratio: expect.any(Number) },
      rows: [{ work: 'text', bytes: 22 }, { work: 'hash' }, { work: 'text', bytes: 17 }, { work: 'hash' }],
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

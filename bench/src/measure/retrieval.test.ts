import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { measure } from './retrieval.ts'

let root = ''

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

function commit(subject: string): void {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b.example', '-c', 'commit.gpgsign=false']
  execFileSync('git', ['-C', root, 'add', '-A'])
  execFileSync('git', ['-C', root, ...identity, 'commit', '-q', '-m', subject])
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'measure-retrieval-'))
  execFileSync('git', ['init', '-q', root])
  write(
    'src/checksum.ts',
    '/** Adds up every byte of a parcel so that damage on the way shows. */\nexport function checksumOf() {}\n',
  )
  commit('weigh parcels before they leave the depot (#12)')
  write('src/depot.ts', 'export const capacity = 4 // parcels of the depot\n')
  write('package-lock.json', '{"parcels": "depot depot depot"}')
  commit('limit how many parcels the depot takes in')
  for (let index = 0; index < 8; index += 1) write(`src/other${index}.ts`, 'export const nothing = 0\n')
  commit('Release 1.0')
})
afterAll(() => rmSync(root, { recursive: true }))

describe('measure retrieval', () => {
  test('makes questions from comments and commits and ranks the same files with each search', async () => {
    const { files, kinds } = await measure(['--files', root])
    expect(files).toBe(10)
    expect(kinds.doc_comment?.questions).toBe(1)
    // The comment is gone from the texts; with it every search would have found the file at once.
    expect(kinds.doc_comment?.bm25.in_first_6).toBe(0)
    expect(kinds.commit?.questions).toBe(2)
    for (const search of ['ctxlock', 'bm25', 'bm25_split', 'ripgrep'] as const) {
      expect(kinds.commit?.[search].in_first_6).toBe(0.5)
    }
  })

  test('takes the questions it is given', async () => {
    const questions = join(root, '..', `${root.split('/').at(-1)}.jsonl`)
    writeFileSync(questions, '{"question": "depot capacity", "files": ["src/depot.ts"]}\n\n')
    const { kinds } = await measure(['--files', root, '--questions', questions])
    expect(kinds.given).toMatchObject({ questions: 1, ctxlock: { in_first_6: 1, mrr: 1 } })
    writeFileSync(questions, '{"question": "depot"}\n')
    await expect(measure(['--files', root, '--questions', questions])).rejects.toThrow(/line 1/)
    rmSync(questions)
  })

  test('refuses what is no directory', async () => {
    await expect(measure([])).rejects.toThrow('Expected --files DIRECTORY')
    await expect(measure(['--files', join(root, 'src/depot.ts')])).rejects.toThrow('name a directory')
  })
})

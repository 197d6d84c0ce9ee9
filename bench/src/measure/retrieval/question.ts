import { readFileSync } from 'node:fs'

import { textHash } from '../../../../packages/core-hash/src/index.ts'

export type QuestionKind = 'doc_comment' | 'commit' | 'given'

export interface Question {
  readonly kind: QuestionKind
  readonly text: string
  /** The right answers; one of them high up is enough. */
  readonly files: readonly string[]
}

/** `{"question": "…", "files": ["path"]}` a line. */
export function readQuestions(path: string): Question[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.flatMap((line, index) => (line.trim() === '' ? [] : [parseLine(line, index + 1)]))
}

function parseLine(line: string, lineNumber: number): Question {
  const value: unknown = parsed(line)
  if (typeof value === 'object' && value !== null && 'question' in value && 'files' in value) {
    const { question, files } = value
    if (typeof question === 'string' && Array.isArray(files) && files.every((file) => typeof file === 'string')) {
      return { kind: 'given', text: question, files }
    }
  }
  throw new Error(`Expected {"question": "…", "files": ["path"]} in line ${lineNumber} of the questions file.`)
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** At most `limit` items, the same ones on every machine and spread over all of them. */
export function sample<Item>(items: readonly Item[], limit: number, keyOf: (item: Item) => string): Item[] {
  const keyed = items.map((item) => ({ item, key: textHash(keyOf(item)) }))
  return keyed
    .toSorted((left, right) => (left.key < right.key ? -1 : 1))
    .slice(0, limit)
    .map(({ item }) => item)
}

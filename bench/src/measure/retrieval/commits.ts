import { execFileSync } from 'node:child_process'

import type { Corpus } from './corpus.ts'
import { sample, type Question } from './question.ts'

const COMMITS = 3000
const MAX_CHANGED = 8
const MIN_WORDS = 4
/** Subjects that tell nothing about the files they change. */
const CHORE = /^(?:version packages|v?\d|release|bump|merge|revert|update changelog|(?:chore|build|ci)\b|deps)/i
/** Every second commit adds a line to these; they answer no question. */
const CHANGELOG = /(?:^|\/)(?:changelog|changes|history|news)[^/]*$|(?:^|\/)\.changeset\//i
const PROSE = /\.(?:md|mdx|txt|rst|ya?ml|json|toml)$/i

/** Subjects of commits that changed few files, of which at least one is code that is still there. Empty without a history. */
export function commitQuestions(root: string, corpus: Corpus, limit: number): Question[] {
  const questions = readLog(root).flatMap((entry): Question[] => {
    const [subject = '', ...changed] = entry.split('\n').filter((line) => line !== '')
    const text = subject.replace(/\s*\((?:#\d+|closes #\d+)\)\s*$/i, '')
    const files = changed.filter((path) => corpus.has(path) && !CHANGELOG.test(path))
    const useful = text.split(' ').length >= MIN_WORDS && !CHORE.test(text) && changed.length <= MAX_CHANGED
    return useful && files.some((path) => !PROSE.test(path)) ? [{ kind: 'commit', text, files }] : []
  })
  return sample(questions, limit, ({ text }) => text)
}

function readLog(root: string): string[] {
  try {
    const args = ['log', '--no-merges', '--no-renames', '--name-only', '--format=%x00%s', `-n${COMMITS}`]
    const log = execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', maxBuffer: 1 << 28, stdio: 'pipe' })
    return log.split('\0').slice(1)
  } catch {
    return []
  }
}

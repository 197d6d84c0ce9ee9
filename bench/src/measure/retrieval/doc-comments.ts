import type { Corpus } from './corpus.ts'
import { sample, type Question } from './question.ts'

/** A comment that documents the declaration below it (or above it, in Python). */
const STYLES: readonly (readonly [files: RegExp, comment: RegExp])[] = [
  [
    /\.(?:[cm]?[jt]sx?|java|kts?|php|swift|scala|cs|c|h|cc|cpp|hpp)$/,
    /^[ \t]*\/\*\*(?!\/)((?:(?!\*\/)[^]){1,4000})\*\/[ \t]*\r?\n(?=[ \t]*[\w@[#])/gm,
  ],
  [/\.pyi?$/, /^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t][^\n]*:[ \t]*\r?\n[ \t]*r?"""((?:(?!""")[^]){1,4000})"""/gm],
  [/\.go$/, /((?:^\/\/[^\n]*\n){1,40})(?=(?:func|type)[ \t])/gm],
  [/\.(?:rs|swift|cs)$/, /((?:^[ \t]*\/\/\/[^\n]*\n){1,40})(?=[ \t]*[\w#[])/gm],
  [/\.rb$/, /((?:^[ \t]*#[^\n]*\n){1,40})(?=[ \t]*(?:def|class|module)[ \t])/gm],
]
const MIN_WORDS = 6
const MAX_WORDS = 60
const MAX_PER_FILE = 4

export interface DocComments {
  readonly questions: readonly Question[]
  /** The corpus without the comments that became questions: finding them again would be no search. */
  readonly corpus: Corpus
}

/** Up to `limit` questions, few of one file: each the first paragraph of a comment that stands nowhere else. */
export function docCommentQuestions(corpus: Corpus, limit: number): DocComments {
  const all = [...corpus].flatMap(([path, text]) => commentsOf(path, text).map((found) => ({ ...found, path })))
  const counts = new Map<string, number>()
  for (const { question } of all) counts.set(question, (counts.get(question) ?? 0) + 1)
  const unique = all.filter(({ question }) => counts.get(question) === 1)
  const chosen = sample(fewPerFile(unique), limit, ({ question }) => question)
  const stripped = new Map(corpus)
  for (const { path, comment } of chosen)
    stripped.set(
      path,
      (stripped.get(path) ?? '').replace(comment, () => ''),
    )
  return {
    questions: chosen.map(({ path, question }) => ({ kind: 'doc_comment', text: question, files: [path] })),
    corpus: stripped,
  }
}

interface Comment {
  readonly path: string
  readonly comment: string
  readonly question: string
}

function fewPerFile(comments: readonly Comment[]): Comment[] {
  const byPath = Map.groupBy(comments, ({ path }) => path)
  return [...byPath.values()].flatMap((ofFile) => sample(ofFile, MAX_PER_FILE, ({ question }) => question))
}

function commentsOf(path: string, text: string): { readonly comment: string; readonly question: string }[] {
  if (/(?:^|[/._-])(?:tests?|specs?|fixtures?|examples?|__tests__)(?:[/._-]|$)/i.test(path)) return []
  return STYLES.flatMap(([files, pattern]) => {
    if (!files.test(path)) return []
    return [...text.matchAll(pattern)].flatMap(([, comment = '']) => {
      const question = firstParagraph(comment)
      const words = question.split(' ').length
      const isDocumentation = words >= MIN_WORDS && words <= MAX_WORDS && !/copyright|licen[cs]e/i.test(question)
      return isDocumentation ? [{ comment, question }] : []
    })
  })
}

function firstParagraph(comment: string): string {
  const lines = comment.split('\n').map((line) => line.replace(/^[ \t]*(?:\/{2,3}|\*+|#+)?[ \t]?/, '').trim())
  const begin = lines.findIndex((line) => line !== '')
  const rest = lines.slice(Math.max(0, begin))
  const end = rest.findIndex((line) => line === '' || line.startsWith('@') || line.startsWith(':param'))
  return (end === -1 ? rest : rest.slice(0, end)).join(' ').replaceAll(/\s+/g, ' ').trim()
}

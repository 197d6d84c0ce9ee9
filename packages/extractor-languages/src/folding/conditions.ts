import type { Span } from './folds.ts'

/** What stands open where a directive begins. */
export interface Surroundings {
  /** How many braces. */
  readonly level: number
  /** Whether a declaration has begun outside of all bodies. */
  readonly isOpen: boolean
}

export interface Conditions {
  /** Of conditions that cut declarations: their lines, and all branches but the first that cuts one. In no order. */
  readonly folded: readonly Span[]
  /**
   * Passes the directive at `line`; `endOfBranches` tells where the `#endif` stands that ends what follows it. Where to go on reading,
   * undefined when that is nowhere.
   */
  pass(line: Span, around: Surroundings, endOfBranches: () => number | undefined): number | undefined
}

interface Condition {
  readonly level: number
  readonly lines: Span[]
  isCutting: boolean
}

const WORD = /#[ \t]*(\w*)/y
const BRANCHES: ReadonlySet<string> = new Set(['elif', 'elifdef', 'elifndef', 'else'])

/** The word of the directive that begins at `at`: one for all that open a condition. */
export function directiveAt(text: string, at: number): string {
  WORD.lastIndex = at
  const word = WORD.exec(text)?.[1] ?? ''
  return word === 'ifdef' || word === 'ifndef' ? 'if' : word
}

/**
 * A grammar reads all branches of a condition, each as whole declarations. One that begins or ends within a declaration, or opens a
 * brace it does not close, is no such thing: the parser would lose what follows, so it gets the first such branch as if it stood there alone.
 */
export function createConditions(text: string): Conditions {
  const open: Condition[] = []
  const folded: Span[] = []
  return {
    folded,
    pass(line, { level, isOpen }, endOfBranches) {
      const word = directiveAt(text, line.start)
      if (word === 'if') open.push({ level, lines: [line], isCutting: isOpen })
      const condition = open.at(-1)
      if (!condition || (word !== 'endif' && !BRANCHES.has(word))) return line.end
      if (isOpen || level !== condition.level) condition.isCutting = true
      if (word === 'endif') {
        open.pop()
        if (condition.isCutting) for (const cut of [...condition.lines, line]) folded.push(cut)
      } else if (condition.isCutting) {
        const end = endOfBranches()
        if (end === undefined) return undefined
        folded.push({ start: line.start, end })
        return end
      } else {
        condition.lines.push(line)
      }
      return line.end
    },
  }
}

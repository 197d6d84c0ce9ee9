import { LOCKFILE } from '../workspace/committed-files.ts'
import { runGit } from './git-command.ts'
import { isInGit } from './repository.ts'

/** The pattern by which git would silently leave out a lockfile that is not committed yet. */
export interface LockfileIgnored {
  readonly file: string
  readonly line: number
  readonly pattern: string
}

export function lockfileIgnored(root: string): LockfileIgnored | undefined {
  if (!isInGit(root)) return undefined
  const answer = runGit(root, ['check-ignore', '--verbose', '-z', '--stdin'], `${LOCKFILE}\0`)?.toString('utf8')
  const [file, line, pattern] = answer?.split('\0') ?? []
  if (file === undefined || pattern === undefined || pattern.startsWith('!')) return undefined
  return { file, line: Number(line), pattern }
}

export function lockfileIgnoredText({ file, line, pattern }: LockfileIgnored): string {
  return `git ignores ${LOCKFILE}: ${pattern} in ${file}, line ${line}; add !${LOCKFILE} below it, or the lockfile is never committed`
}

import { decodeSourceText } from '@ctxlock/contracts/evidence'

import { CommandError } from '../command-error.ts'
import { isTrusted } from '../environment/source-trust.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { CallSubject } from '../governed-call/call-subject.ts'
import type { Session } from '../session/session.ts'

/** A file the person or the task named has to be there; anything else would be an answer about other sources. */
export function checkNamedFiles(session: Session, subjects: readonly CallSubject[]): void {
  for (const { definition } of subjects) {
    for (const path of [...definition.files.read, ...definition.files.modify]) {
      if (!isTrusted(session.trustOf(path), session.config.policy.trustMin)) throw distrusted(path)
      const problem = problemOf(session, path)
      if (problem === undefined) continue
      throw new CommandError({
        exit: EXIT_CODE.usage,
        code: 'FILE_UNREADABLE',
        message: `${path} was named as a source and cannot be read (${problem})`,
        hint: 'Give a path of a file inside the workspace, relative to its folder.',
      })
    }
  }
}

function problemOf(session: Pick<Session, 'config' | 'reader'>, path: string): string | undefined {
  const read = session.reader.read(path, { maxBytes: session.config.sources.maxFileBytes })
  if (read.status !== 'read') return read.status.replaceAll('_', ' ')
  const text = decodeSourceText(read.bytes)
  return text === undefined || text.includes('\0') ? 'not UTF-8 text' : undefined
}

function distrusted(path: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: 'SOURCE_DISTRUSTED',
    message: `${path} was named as a source and has less trust than \`policy.trust_min\` asks for`,
    hint: 'Ask about other files, or say in `sources.trust` what you trust.',
  })
}

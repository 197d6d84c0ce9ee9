import type { ArtifactHandle } from '@ctxlock/contracts/references'
import { parseCanonical } from '@ctxlock/core-hash'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Schema } from '../workspace/validation.ts'
import { withoutSalt } from './salted-record.ts'
import type { StoredSession } from './stored-session.ts'

/** Reads one record of a call: bytes re-hashed by the store, canonical form and schema checked (CJ-038, CJ-039). */
export function readRecord<T>(
  { artifacts }: Pick<StoredSession, 'artifacts'>,
  { content_hash }: ArtifactHandle,
  schema: Schema<T>,
): T {
  const parsed = schema.safeParse(withoutSalt(parseCanonical(artifacts.get(content_hash))))
  if (parsed.success) return parsed.data
  throw new CommandError({
    exit: EXIT_CODE.verificationFailed,
    code: 'RECORD_INVALID',
    message: `the stored record ${content_hash.slice(0, 12)} is not of the schema it should have`,
    hint: 'Run `ctxlock verify`.',
  })
}

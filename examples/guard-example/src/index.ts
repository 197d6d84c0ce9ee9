import type { AceError, CallInput, GuardOutcome } from '@ctxlock/contracts/guards'
import { pathOfSourceId, type SourceRef } from '@ctxlock/contracts/references'
import { definePlugin } from '@ctxlock/plugin-api'
import { z } from 'zod'

const NAME = 'ConfidentialFileGuard'
/** Bytes of the first line that are looked at. The file is hostile: bound what you read. */
const HEADER_BYTES = 512
/** `# Confidential`, `// CONFIDENTIAL: board only`, `<!-- confidential -->`. */
const MARK = /^[^\p{L}\p{N}\n]*confidential\b/iu

/** Refuses a call that quotes a file whose first line says `confidential`, whatever lines of it are quoted. */
export const confidentialPlugin = definePlugin({
  apiVersion: 'ctxlock.plugin@1',
  kind: 'guard',
  name: 'confidential',
  options: z.strictObject({}),
  create: () => ({
    name: NAME,
    // Part of every report's guard-set hash: change it whenever the same call could get another answer.
    version: '1',
    validateCall,
  }),
})

function validateCall({ envelope, ports }: CallInput): GuardOutcome {
  const blocks = [...envelope.stable_prefix.blocks, ...envelope.variable_suffix.blocks]
  const sources = new Map(blocks.flatMap(({ source_refs }) => source_refs.map((source) => [source.id, source])))
  const errors = [...sources.values()].flatMap((source) => problemOf(source, ports.sources) ?? [])
  const verdict = errors.length > 0 ? 'fail' : 'pass'
  return { verdict, errors, warnings: [], removals: [], scanned: [], matches: [] }
}

function problemOf({ id }: SourceRef, files: CallInput['ports']['sources']): AceError | undefined {
  const path = pathOfSourceId(id)
  if (path === undefined) return undefined
  const file = files.read(path)
  // What cannot be looked at is refused, never passed. Details are ids: text of the file stays out (VAL-009).
  const reason = file.status === 'read' ? (isMarked(file.bytes) ? 'confidential' : undefined) : 'unreadable'
  return reason && { code: 'GuardRefused', guard: NAME, details: { reason, source: id.slice(0, 256) } }
}

function isMarked(bytes: Uint8Array): boolean {
  return MARK.test(new TextDecoder().decode(bytes.subarray(0, HEADER_BYTES)))
}

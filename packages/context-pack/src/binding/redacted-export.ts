import type { ContextPackPayload, Redaction, RoleContextPack, WorkUnitContextPack } from '@ctxlock/contracts/packs'
import type { Redactor } from '@ctxlock/contracts/ports'
import { canonicalHash } from '@ctxlock/core-hash'

import { assertNoSecrets } from '../roles/sealed-pack.ts'
import { createFieldRedactor, redactionsAt, sortedRedactions } from '../text/field-redactor.ts'

/** The fields of all packs that hold text for people; everything else is an id, a path, a hash or a command. */
const TEXT_FIELDS = new Set([
  'synopsis',
  'text',
  'question',
  'excerpt_hint',
  'title',
  'scope',
  'actions',
  'description',
])

type ExportablePack = ContextPackPayload | RoleContextPack | WorkUnitContextPack

export interface RedactedExport {
  /** The hash the pack is known by: `pack_hash`, or the payload hash of a context pack. */
  readonly hash: string
  /** The pack, field for field; texts a newer redactor objects to are replaced. */
  readonly pack: unknown
  /** What this export removed beyond what was never in the pack. When empty, `pack` still has the hash above. */
  readonly removed: readonly Redaction[]
}

/**
 * A copy of a pack for outside eyes (CP-059): same structure, same hashes. Text that redaction removed when the pack was built is
 * not in it, so it cannot come back. Throws `PACK_SECRET_DETECTED` for a secret in an id, a path or a command.
 */
export function redactedExport(pack: ExportablePack, redactor: Redactor): RedactedExport {
  const redact = createFieldRedactor(redactor)
  const removed: Redaction[] = []
  const exported = copy(pack, '', '')
  assertNoSecrets(exported, redactor)
  return {
    hash: 'pack_hash' in pack ? pack.pack_hash : canonicalHash(pack),
    pack: exported,
    removed: sortedRedactions(removed),
  }

  function copy(value: unknown, pointer: string, field: string): unknown {
    if (typeof value === 'string') {
      if (!TEXT_FIELDS.has(field)) return value
      const redacted = redact(value)
      removed.push(...redactionsAt(pointer, redacted))
      return redacted.text
    }
    if (Array.isArray(value)) return value.map((element, index) => copy(element, `${pointer}/${index}`, field))
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).map(([name, inner]) => [name, copy(inner, `${pointer}/${name}`, name)])
    return Object.fromEntries(entries)
  }
}

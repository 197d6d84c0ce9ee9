import {
  CanonError,
  canonicalHash,
  canonicalize,
  hashesEqual,
  parseCanonical,
  toTimestamp,
  uuidFromHash,
} from '@ctxlock/core-hash'
import type { ArtifactStore, Clock, Redactor } from '@ctxlock/contracts/ports'
import type { ArtifactHandle } from '@ctxlock/contracts/references'

import { PackError } from '../pack-error.ts'
import { assertNoSecret } from '../text/field-redactor.ts'

interface Sealed {
  readonly pack_id: string
  readonly created_at: string
  readonly pack_hash: string
}

/** The part of a zod schema that is used here. */
interface Schema<Pack> {
  safeParse(value: unknown):
    | { readonly success: true; readonly data: Pack }
    | {
        readonly success: false
        readonly error: { readonly issues: readonly { readonly code: string; readonly path: readonly PropertyKey[] }[] }
      }
}

/** Computes the self hash and the derived id (CJ-031, CP-001) and checks the result. Throws `PACK_INVALID`. */
export function sealPack<Pack extends Sealed>(
  body: Omit<Pack, keyof Sealed>,
  schema: Schema<Pack>,
  clock: Clock,
): Pack {
  const hash = hashOf(body)
  const sealed = {
    ...body,
    pack_hash: hash,
    pack_id: uuidFromHash(hash),
    created_at: toTimestamp(new Date(clock.now())),
  }
  return parsedBy(schema, sealed)
}

/**
 * Opens stored bytes: canonical JSON of the schema, nothing unknown in it (CP-041), self hash and id as derived.
 * Throws `PACK_INVALID` or `PACK_HASH_MISMATCH`.
 */
export function openSealedPack<Pack extends Sealed>(bytes: Uint8Array, schema: Schema<Pack>): Pack {
  const pack = parsedBy(schema, canonicalValue(bytes))
  const { pack_hash, pack_id, created_at: _, ...body } = pack
  if (hashesEqual(canonicalHash(body), pack_hash) && pack_id === uuidFromHash(pack_hash)) return pack
  throw new PackError('PACK_HASH_MISMATCH', 'The pack does not have the content its hash names; build it again.')
}

/** CP-042: the artifact is written last. */
export function storePack(pack: Sealed, store: ArtifactStore, exportable = false): ArtifactHandle {
  const bytes = new TextEncoder().encode(canonicalize(pack))
  return store.put(bytes, { kind: 'file', classification: 'medium', exportable })
}

/** The re-scan of CP-033 over every text of a pack, ids and paths included. Throws `PACK_SECRET_DETECTED`. */
export function assertNoSecrets(value: unknown, redactor: Redactor): void {
  if (typeof value === 'string') {
    // Hashes and derived ids look like tokens and are none.
    if (!/^(?:[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.test(value)) assertNoSecret(redactor, value)
  } else if (Array.isArray(value)) {
    for (const element of value) assertNoSecrets(element, redactor)
  } else if (typeof value === 'object' && value !== null) {
    for (const element of Object.values(value)) assertNoSecrets(element, redactor)
  }
}

/** Sorted by `key`, each key once. Throws `PACK_INVALID` when two entries with one key differ. */
export function setBy<Item>(field: string, items: readonly Item[], key: (item: Item) => string): Item[] {
  const byKey = new Map<string, Item>()
  for (const item of items) {
    const same = byKey.get(key(item))
    if (same !== undefined && canonicalize(same) !== canonicalize(item)) {
      throw new PackError('PACK_INVALID', `${field} names ${key(item)} twice with different content; keep one.`)
    }
    byKey.set(key(item), item)
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item)
}

function hashOf(body: object): string {
  try {
    return canonicalHash(body)
  } catch (error) {
    if (!(error instanceof CanonError)) throw error
    throw new PackError('PACK_INVALID', `The pack holds a value that has no canonical form at ${error.path}.`, {
      cause: error,
    })
  }
}

function canonicalValue(bytes: Uint8Array): unknown {
  try {
    return parseCanonical(bytes)
  } catch (error) {
    if (!(error instanceof CanonError)) throw error
    throw new PackError('PACK_INVALID', 'The bytes of the pack are not canonical JSON; build it again.', {
      cause: error,
    })
  }
}

/** The value as its schema has it. Throws `PACK_INVALID` with the place of the first problem, never with what stands there. */
export function parsedBy<Value>(schema: Schema<Value>, value: unknown): Value {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const place = issue?.path.map(String).join('.') ?? ''
  throw new PackError(
    'PACK_INVALID',
    `The pack breaks its schema at ${place || 'its root'}: ${issue?.code.replaceAll('_', ' ') ?? ''}.`,
  )
}

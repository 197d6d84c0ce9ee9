import { bytesHash, hashesEqual, type Hash } from '@ctxlock/core-hash'
import type { ContextPackBinding, RoleContextPack, WorkUnitContextPack } from '@ctxlock/contracts/packs'

import { PackError } from '../pack-error.ts'
import type { PackPair } from './constraint-check.ts'
import { verifyRolePack, type BuiltPack } from '../roles/role-pack.ts'
import { verifyWorkUnitPack } from '../roles/work-unit-pack.ts'

/** A role pack and the work-unit pack assembled against it, each with where it is stored. */
export interface BuiltPair {
  readonly rolePack: BuiltPack<RoleContextPack>
  readonly workUnitPack: BuiltPack<WorkUnitContextPack>
}

/**
 * Pairs that were verified before, by the hashes of their bytes, from which the result follows; a host keeps them for as long
 * as it likes. The bytes are read and hashed again all the same.
 */
export interface VerifiedPacks {
  get(key: string): PackPair | undefined
  set(key: string, pair: PackPair): void
}

/**
 * The packs a binding names, out of the store: what a swap, an escalation or a resumed run asks for (CP-050). `readArtifact`
 * gives stored bytes by their hash. Throws `PACK_MISSING`, `PACK_HASH_MISMATCH` and what `verifyRolePack` and
 * `verifyWorkUnitPack` throw.
 */
export function openBoundPacks(
  binding: Pick<ContextPackBinding, 'role_pack' | 'work_unit_pack'>,
  readArtifact: (hash: Hash) => Uint8Array | undefined,
  verified?: VerifiedPacks,
): BuiltPair {
  const bytesOf = ({ artifact }: ContextPackBinding['role_pack']) => readArtifact(artifact.content_hash)
  const pairKey = `${binding.role_pack.artifact.content_hash} ${binding.work_unit_pack.artifact.content_hash}`
  const known = verified?.get(pairKey)
  const rolePack = openBound(
    bytesOf(binding.role_pack),
    binding.role_pack,
    'role_pack',
    (bytes) => known?.rolePack ?? verifyRolePack(bytes),
  )
  const workUnitPack = openBound(
    bytesOf(binding.work_unit_pack),
    binding.work_unit_pack,
    'work_unit_pack',
    (bytes) => known?.workUnitPack ?? verifyWorkUnitPack(bytes, { rolePack: rolePack.pack }),
  )
  verified?.set(pairKey, { rolePack: rolePack.pack, workUnitPack: workUnitPack.pack })
  return { rolePack, workUnitPack }
}

/**
 * Whether a rebuild gave the packs there were before (CP-049). When it did, those are bound again, byte for byte; when either
 * differs, both are the rebuilt ones, because a work-unit pack belongs to one role pack.
 */
export function assemblePacks(
  requested: BuiltPair,
  rebuilt: BuiltPair,
): BuiltPair & { readonly assembly: 'reused_identical' | 'rebuilt' } {
  const isIdentical =
    hashesEqual(requested.rolePack.pack.pack_hash, rebuilt.rolePack.pack.pack_hash) &&
    hashesEqual(requested.workUnitPack.pack.pack_hash, rebuilt.workUnitPack.pack.pack_hash)
  return isIdentical ? { ...requested, assembly: 'reused_identical' } : { ...rebuilt, assembly: 'rebuilt' }
}

function openBound<Pack extends { readonly pack_hash: Hash }>(
  bytes: Uint8Array | undefined,
  { artifact, effective_hash }: ContextPackBinding['role_pack'],
  field: string,
  verify: (bytes: Uint8Array) => Pack,
): BuiltPack<Pack> {
  if (!bytes) throw new PackError('PACK_MISSING', `The artifact of ${field} is not in the store.`)
  const pack = hashesEqual(bytesHash(bytes), artifact.content_hash) ? verify(bytes) : undefined
  if (pack && hashesEqual(pack.pack_hash, effective_hash)) return { pack, artifact }
  throw new PackError('PACK_HASH_MISMATCH', `The bytes of ${field} are not those that were bound.`)
}

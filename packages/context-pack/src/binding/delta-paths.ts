import { canonicalize } from '@ctxlock/core-hash'

import type { PackPair } from './constraint-check.ts'

/** Volatile, or a consequence of the other differences. */
const IGNORED = new Set(['pack_id', 'created_at', 'pack_hash', 'role_pack_hash'])

/**
 * JSON Pointers of what differs between two pack pairs, below `/role_pack` and `/work_unit_pack`. A list whose length changed
 * is named as a whole: with every later entry moved, its indexes would say nothing.
 */
export function deltaPaths(requested: PackPair, effective: PackPair): string[] {
  return [
    ...differences(requested.rolePack, effective.rolePack, '/role_pack'),
    ...differences(requested.workUnitPack, effective.workUnitPack, '/work_unit_pack'),
  ].sort()
}

function differences(before: unknown, after: unknown, pointer: string): string[] {
  if (before === after) return []
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((element, index) => differences(element, after[index], `${pointer}/${index}`))
  }
  if (isRecord(before) && isRecord(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)])
    return [...names]
      .filter((name) => !IGNORED.has(name))
      .flatMap((name) => differences(before[name], after[name], `${pointer}/${name}`))
  }
  const isSame = before !== undefined && after !== undefined && canonicalize(before) === canonicalize(after)
  return isSame ? [] : [pointer]
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

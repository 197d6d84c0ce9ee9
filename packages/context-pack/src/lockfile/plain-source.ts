import { Lockfile, type LockedSource } from '@ctxlock/contracts/lockfile'
import { isRelativePath } from '@ctxlock/contracts/relative-path'
import { isHash } from '@ctxlock/core-hash'

/**
 * What `Lockfile.safeParse` says, sooner: nearly every line of a lockfile is a packed source, and those are judged without the
 * schema. What is not plainly right is left to it, and so is everything when something is wrong.
 */
export function parseLockfileValue(value: unknown): ReturnType<typeof Lockfile.safeParse> {
  if (typeof value === 'object' && value !== null && 'sources' in value && Array.isArray(value.sources)) {
    const rest = Lockfile.safeParse({ ...value, sources: value.sources.filter((source) => !isPlainSource(source)) })
    if (rest.success) return { ...rest, data: { ...rest.data, sources: value.sources } }
  }
  return Lockfile.safeParse(value)
}

/** True only for what the schema of a packed source accepts. */
export function isPlainSource(value: unknown): value is LockedSource {
  if (typeof value !== 'object' || value === null) return false
  let required = 0
  for (const [field, content] of Object.entries(value)) {
    if (!isPlainField(field, content)) return false
    if (field !== 'tokens' && field !== 'mode' && field !== 'link') required += 1
  }
  return required === REQUIRED
}

/** path, hash, size, pack. */
const REQUIRED = 4

function isPlainField(field: string, content: unknown): boolean {
  switch (field) {
    case 'path':
    case 'link':
      return typeof content === 'string' && content !== '' && isRelativePath(content)
    case 'hash':
    case 'pack':
      return isHash(content)
    case 'size':
    case 'tokens':
      return Number.isSafeInteger(content) && Number(content) >= 0
    case 'mode':
      return content === 'executable'
    default:
      return false
  }
}

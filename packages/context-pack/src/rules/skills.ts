import type { SourceReader } from '@ctxlock/contracts/ports'
import { bytesHash } from '@ctxlock/core-hash'

import { PackError } from '../pack-error.ts'
import { readFrontMatter } from './front-matter.ts'
import { MAX_FILE_BYTES, ruleText } from './rule-file.ts'

/**
 * The `SKILL.md` of a skill: in a folder of its name, with that `name` and a `description` in its front matter. The same file
 * in several places, as tools keep it, is one skill. Throws `PACK_RULE_FILE_UNREADABLE`.
 */
export function skillPath(
  reader: SourceReader,
  paths: readonly string[],
  isSource: (path: string) => boolean,
  name: string,
): string {
  const named = paths.filter((path) => path === `${name}/SKILL.md` || path.endsWith(`/${name}/SKILL.md`))
  const files = named.filter((path) => isSource(path))
  const hashes = new Set(files.map((path) => describedHash(reader, path, name)))
  const [first] = files
  if (first !== undefined && hashes.size === 1) return first
  throw new PackError(
    'PACK_RULE_FILE_UNREADABLE',
    first === undefined
      ? `The skill ${name} is named in \`rules.skills\`, but there is no ${name}/SKILL.md among the sources.`
      : `The skill ${name} has different files: ${files.join(', ')}. Name the one that holds in \`rules.files\` instead.`,
  )
}

function describedHash(reader: SourceReader, path: string, name: string): string {
  const read = reader.read(path, { maxBytes: MAX_FILE_BYTES })
  const entries = read.status === 'read' ? readFrontMatter(ruleText(read.bytes, path)) : undefined
  if (read.status === 'read' && entries?.get('name')?.[0] === name && entries.get('description')?.length) {
    return bytesHash(read.bytes)
  }
  throw new PackError(
    'PACK_RULE_FILE_UNREADABLE',
    `${path} must begin with front matter that has the name ${name} and a description.`,
  )
}

import { runGit } from './git-command.ts'

/** The bytes of each object git has for a revision such as `HEAD:./a.ts`, in one process. Specs hold no line feed. */
export function readBlobs(folder: string, specs: readonly string[]): ReadonlyMap<string, Uint8Array> {
  const output = specs.length === 0 ? undefined : runGit(folder, ['cat-file', '--batch'], `${specs.join('\n')}\n`)
  const blobs = new Map<string, Uint8Array>()
  if (!output) return blobs
  let offset = 0
  for (const spec of specs) {
    const end = output.indexOf(0x0a, offset)
    if (end === -1) break
    // `<object id> <type> <size>`, or the spec again and why there is nothing.
    const [, type, size] = /^[0-9a-f]{40,64} ([a-z]+) (\d+)$/.exec(output.toString('utf8', offset, end)) ?? []
    offset = end + 1
    if (size === undefined) continue
    if (type === 'blob') blobs.set(spec, output.subarray(offset, offset + Number(size)))
    offset += Number(size) + 1
  }
  return blobs
}

import { listWorkspace } from '../environment/workspace-listing.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'

/**
 * Where rule files are looked for: among the sources, but whatever `sources.include` says. Choosing which files a model may see
 * must not silently take a rule out of force; excluding a folder does, for then nothing in it is seen or changed.
 */
export function rulePaths(
  root: string,
  { sources }: ResolvedConfig,
  listed: () => readonly string[],
): readonly string[] {
  if (sources.include.length === 0) return listed()
  return listWorkspace(root, { ...sources, include: [] }).files.map(({ path }) => path)
}

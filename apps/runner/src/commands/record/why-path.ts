import { join, relative, resolve } from 'node:path'

import type { LockedRule, LockedSource, Lockfile } from '@ctxlock/contracts/lockfile'
import { fileSourceId } from '@ctxlock/contracts/references'

import { tasksOf } from '../../changes/tasks-of.ts'
import { CommandError } from '../../command-error.ts'
import { entryAt } from '../../environment/entry-at.ts'
import { describeLeftOut, describeMet, layersOf, leftOutBy, metOnTheWay } from '../../environment/left-out.ts'
import { createSourceTrust } from '../../environment/source-trust.ts'
import { unsupportedName } from '../../environment/workspace-listing.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { lockfileIfThere } from '../../lock/lockfile-file.ts'
import { surveySources, type SourceSurvey } from '../../lock/source-survey.ts'
import type { Output } from '../../output/output.ts'
import { readBy, type ReadBy } from '../../packs/read-by.ts'
import { standingJson, standingLine } from '../../waivers/waiver-standing.ts'
import { waiversNow } from '../../waivers/workspace-waivers.ts'
import { loadConfig } from '../../workspace/config-file.ts'
import type { ResolvedConfig } from '../../workspace/default-config.ts'
import { pathInWorkspace } from '../../workspace/path-in-workspace.ts'

/** Why a path is, or is not, in what a model sees. */
interface Standing {
  /** `source`: read and hashed now. `left_out`: there, and a rule keeps it out. `missing`: not there. */
  readonly state: 'source' | 'folder' | 'left_out' | 'missing'
  readonly reason: string
  readonly hash?: string
}

/** Says of one path whether a model may see it, which pack, rules and tasks it is in, or what keeps it out. */
export async function whyPath(root: string, name: string, output: Output): Promise<number> {
  const { config } = loadConfig(root)
  const survey = await surveySources(root, config)
  const path = statedName(root, name, survey)
  const standing = standingOf(root, path, config, survey)
  const trust = createSourceTrust(config.sources.trust)(path)
  const waivers = waiversNow(root, config).filter(({ waiver }) => waiver.path === path)
  const read = standing.state === 'source' ? await readBy(root, path, config) : undefined
  const lockfile = lockfileIfThere(root)
  const locked = lockfile?.sources.find((source) => source.path === path)
  if (standing.state === 'missing' && !locked) throw unknownPath(name)
  const rules = lockfile?.rules.filter(({ source }) => source === fileSourceId(path)) ?? []
  const tasks = lockfile ? taskReasons(lockfile, path) : []
  const lockState = lockfile ? stateIn(lockfile, path, standing) : 'no lockfile'
  output.result({
    ok: true,
    path,
    ...standing,
    ...(standing.state === 'source' && { trust, waivers: waivers.map(standingJson) }),
    ...(read && { read_by: read }),
    lock: lockState,
    ...(locked && { locked }),
    roles: standing.state === 'source' ? (lockfile?.roles.map(({ role }) => role) ?? []) : [],
    rules: rules.map(({ role, rule, span }) => ({ role, rule, ...(span !== undefined && { span }) })),
    tasks,
  })
  output.line(`${path}: ${standing.state.replace('_', ' ')}, ${standing.reason}`)
  if (standing.state === 'source') output.line(`trust      ${trust}`)
  if (read) output.line(`read by    ${describeRead(read)}`)
  for (const waiver of waivers) output.line(standingLine(waiver))
  output.line(`lockfile   ${lockState}`)
  if (locked) for (const line of lockedLines(locked)) output.line(line)
  if (standing.hash !== undefined && standing.hash !== locked?.hash) output.line(`now        ${standing.hash}`)
  if (rules.length > 0) output.line(`rules      ${rules.map(describeRule).join(', ')}`)
  for (const { task, reason } of tasks) output.line(`task       ${task}: ${reason}`)
  if (lockfile && standing.state === 'source' && tasks.length === 0) {
    output.line(`tasks      none names it; every role may be shown it in answer to a question`)
  }
  return EXIT_CODE.done
}

/** The path as it is stated: a name that no record can hold has another there. */
function statedName(root: string, name: string, { excluded }: SourceSurvey): string {
  const stated = unsupportedName(relative(root, resolve(name)))
  return excluded.some(({ path }) => path === stated) ? stated : pathInWorkspace(root, process.cwd(), name, 'why')
}

function standingOf(root: string, path: string, config: ResolvedConfig, survey: SourceSurvey): Standing {
  const source = survey.sources.find((one) => one.path === path)
  if (source) return { state: 'source', reason: 'no rule leaves it out', hash: source.hash }
  const excluded = new Map(survey.excluded.map((entry) => [entry.path, entry]))
  const entry = entryAt(join(root, path))
  const met = entry === 'missing' ? excluded.get(path) : metOnTheWay(path, excluded)
  if (met) return { state: 'left_out', reason: describeMet(met, path) }
  if (entry === 'missing') return { state: 'missing', reason: 'there is no such file' }
  const isFolder = entry !== 'closed' && entry.isDirectory()
  const leftOut = leftOutBy(isFolder ? `${path}/` : path, config.sources, layersOf(root))
  if (leftOut && !(isFolder && leftOut.reason === 'config_include')) {
    return { state: 'left_out', reason: describeLeftOut(leftOut) }
  }
  if (entry === 'closed') return { state: 'left_out', reason: 'its folder cannot be read' }
  if (!isFolder) return { state: 'missing', reason: 'there is no file of exactly this name' }
  const inside = survey.sources.filter((one) => one.path.startsWith(`${path}/`)).length
  return { state: 'folder', reason: `${inside} sources lie in it` }
}

function stateIn({ sources, excluded }: Lockfile, path: string, { state, hash }: Standing): string {
  const locked = sources.find((source) => source.path === path)
  const leftOut = excluded.find((entry) => entry.path === path)
  if (!locked) return leftOut ? `left out of it: ${leftOut.reason.replaceAll('_', ' ')}` : 'not in the lockfile'
  if (state !== 'source') return 'locked, and no source now'
  return locked.hash === hash ? 'as locked' : 'changed since it was locked'
}

function lockedLines(locked: LockedSource): string[] {
  const tokens = locked.tokens === undefined ? '' : `, ${locked.tokens} tokens`
  return [
    `locked     ${locked.hash}, ${locked.size} bytes${tokens}`,
    'pack' in locked
      ? `pack       ${locked.pack}`
      : `pack       none: ${locked.not_packed.replaceAll('_', ' ')}; its lines can still be found and read`,
  ]
}

function taskReasons({ reads }: Lockfile, path: string): { readonly task: string; readonly reason: string }[] {
  const own = fileSourceId(path)
  return reads.flatMap((read) => {
    if (!('task' in read)) return []
    switch (read.reason) {
      case 'scope':
        return tasksOf(path, [read]).length > 0 ? [{ task: read.task, reason: `in scope by ${read.pattern}` }] : []
      case 'named':
        return read.source === own ? [{ task: read.task, reason: 'named by the task' }] : []
      case 'selected':
        return read.source === own
          ? [{ task: read.task, reason: `${read.span} stands in its prompt, ${read.tokens} tokens` }]
          : []
    }
  })
}

function describeRead({ extractor, anchors, fallback_reason: reason }: ReadBy): string {
  const found = `${extractor}, ${anchors} ${anchors === 1 ? 'anchor' : 'anchors'}`
  return reason === undefined ? found : `${found}; the extractor for such a path gave \`${reason}\``
}

function describeRule({ rule, role, span }: LockedRule): string {
  return `${rule} of ${role}${span === undefined ? '' : ` (${span})`}`
}

function unknownPath(name: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'WHY_UNKNOWN',
    message: `${name} is neither a path of this workspace nor the id of a call`,
    hint: 'Give a path, `last`, or a call id that `ctxlock ask` printed; a file with such a name as `./name`.',
  })
}

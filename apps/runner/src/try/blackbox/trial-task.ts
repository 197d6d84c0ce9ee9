import { scannerFor } from '@ctxlock/ace-validators/scanner'
import { decodeSourceText } from '@ctxlock/contracts/evidence'
import type { TaskFile } from '@ctxlock/contracts/micro-task'

import { CommandError } from '../../command-error.ts'
import { createSourceExclusion } from '../../environment/source-exclusion.ts'
import { createSourceTrust, isTrusted } from '../../environment/source-trust.ts'
import { listWorkspace, type ListedFile } from '../../environment/workspace-listing.ts'
import { createWorkspaceReader } from '../../environment/workspace-reader.ts'
import { workspaceSources } from '../../environment/workspace-sources.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { scanPolicy } from '../../scan/scan-policy.ts'
import { CONFIG_FILE } from '../../workspace/committed-files.ts'
import { loadConfig } from '../../workspace/config-file.ts'

const STEPS = 3
/** Longer files would only be cut; in shorter ones there is nothing to ask about. */
const LEAST_BYTES = 120
const MOST_BYTES = 65_536

export interface TrialTask {
  readonly task: TaskFile
  /** What the three steps are about; fewer than three in a small repository. */
  readonly paths: readonly string[]
  /** Files that were passed over because the scanner found something in them. */
  readonly suspicious: readonly string[]
}

/** A task of three steps about files of this workspace. Throws `NO_SOURCES` where there is none to ask about. */
export function trialTask(root: string): TrialTask {
  const { config } = loadConfig(root)
  const scanner = scannerFor(scanPolicy(config.policy))
  const trustOf = createSourceTrust(config.sources.trust)
  const { files, excluded } = listWorkspace(root, config.sources)
  const subjects: Subject[] = []
  const suspicious: string[] = []
  const sources = workspaceSources(
    {
      listing: () => ({ files: files.toSorted(byUse), excluded }),
      sourceExclusion: createSourceExclusion(config.sources.keep),
      reader: createWorkspaceReader(root),
      config,
    },
    () => {},
  )
  for (const { path, bytes } of sources) {
    if (subjects.length === STEPS) break
    // That of the trial itself.
    if (path === CONFIG_FILE) continue
    if (bytes.length < LEAST_BYTES || bytes.length > MOST_BYTES) continue
    if (!isTrusted(trustOf(path), config.policy.trustMin)) continue
    const text = decodeSourceText(bytes)
    const words = text === undefined || text.includes('\0') ? [] : frequentWords(text)
    if (text === undefined || words.length === 0) continue
    if (scanner.findAll(text).length > 0) suspicious.push(path)
    else subjects.push({ path, words })
  }
  const [first] = subjects
  if (!first) throw nothingToAskAbout()
  const paths = subjects.map(({ path }) => path)
  const steps = Array.from({ length: STEPS }, (_, index) => {
    const { path, words } = subjects[index % subjects.length] ?? first
    return {
      name: `step ${index + 1}`,
      goal: `What does ${path} say about ${words.join(', ')}?`,
      files: { read: paths },
    }
  })
  return {
    task: {
      schema_version: 'ctxlock.task@1',
      goal: 'Say what these files are about.',
      scope: paths,
      done: ['Every statement rests on a quotation.'],
      expected_output: 'structured_answer',
      token_budget: 2048,
      steps,
    },
    paths,
    suspicious,
  }
}

interface Subject {
  readonly path: string
  /** What it speaks of most. */
  readonly words: readonly string[]
}

/** What introduces a repository first, then prose, then what lies higher, then by name: the same choice on every machine. */
function byUse(left: ListedFile, right: ListedFile): number {
  return rank(left) - rank(right) || (left.path < right.path ? -1 : 1)
}

function rank({ path }: ListedFile): number {
  const depth = path.split('/').length
  if (/(?:^|\/)(?:\.|licen[cs]e|copying|changes|changelog)/i.test(path)) return 100 + depth
  if (/(?:^|\/)readme\b/i.test(path)) return depth
  return depth + (/\.(?:md|rst|txt|adoc)$/i.test(path) ? 1 : 2)
}

function frequentWords(text: string): string[] {
  const counts = new Map<string, number>()
  for (const [word] of text.slice(0, 20_000).matchAll(/\p{L}{5,24}/gu)) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts]
    .toSorted(([left, one], [right, other]) => other - one || (left < right ? -1 : 1))
    .slice(0, STEPS)
    .map(([word]) => word)
}

function nothingToAskAbout(): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'NO_SOURCES',
    message: `there is no text of ${LEAST_BYTES} to ${MOST_BYTES} bytes here that a task could be about`,
    hint: 'Run this in a folder with text files, or look at `sources` in the config.',
  })
}

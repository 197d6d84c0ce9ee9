import type {
  AceError,
  CallInput,
  Guard,
  GuardOutcome,
  GuardRemoval,
  InjectionMatch,
  TraceInput,
  WaivedMatch,
} from '@ctxlock/contracts/guards'
import { canonicalHash } from '@ctxlock/core-hash'

import type { ScanBlock, ScanResult } from '../scanner/matches.ts'
import { candidateAction } from './candidate-action.ts'
import { scanOnce } from './clean-texts.ts'
import { errorsOf, outcome } from './outcome.ts'
import { scannerFor } from './profile-scanner.ts'
import { candidateTexts, packTexts, promptTexts } from './untrusted-texts.ts'
import { waivedTexts } from './waived-texts.ts'

const NAME = 'PromptInjectionGuard'
const error = errorsOf(NAME)
const MOST = 256
const SUSPECTED = 'injection_suspected'

/**
 * Spec 05 section 3.6: reads the raw text behind everything that is not ours. After retrieval it looks at what is about to
 * become evidence; there the profile may have candidates left out that only a derived view suspects. Before anything is sent
 * it looks again, at what will be sent, whatever the profile says, and answers with what it read, so that assembly can refuse
 * text that was not scanned (VAL-010, VAL-012).
 */
export const promptInjectionGuard: Guard = {
  name: NAME,
  validateTrace(input) {
    const { on_candidate_hit } = input.policy
    return verdict(look(input, candidateTexts(input)), ({ action, matches }) => {
      const views = matches.map(({ view_id }) => view_id)
      return candidateAction(action, views, on_candidate_hit)
    })
  },
  validateCall(input) {
    const { blocks, errors } = promptTexts(input)
    const scanned = blocks.map(({ block, content_hash }) => ({ order_key: block, content_hash }))
    return verdict(look(input, blocks), asFound, { errors, scanned })
  },
}

/** What a scan found in the prompt, and in each of the packs. */
interface Look {
  readonly prompt: ScanResult
  readonly packs: readonly { readonly removal: GuardRemoval; readonly result: ScanResult }[]
  /** What was waived in which candidate, block or pack. */
  readonly waived: readonly { readonly id: string; readonly matches: readonly WaivedMatch[] }[]
}

function look(input: TraceInput | CallInput, blocks: readonly ScanBlock[]): Look {
  const scanner = scannerFor(input.policy)
  const waivers = waivedTexts(input, scanner)
  const waived: { id: string; matches: readonly WaivedMatch[] }[] = []
  const scan = (texts: readonly ScanBlock[], isWaived: typeof waivers.inSnippet, packId?: string) => {
    const judged = new Set<ScanBlock>()
    for (const text of texts) {
      const matches = isWaived(text)
      if (matches === undefined) continue
      judged.add(text)
      if (matches.length > 0) waived.push({ id: packId ?? text.candidate_id ?? text.block, matches })
    }
    return scanOnce(scanner, texts, judged)
  }
  return {
    prompt: scan(blocks, waivers.inSnippet),
    packs: input.packs.map((pack) => {
      // A pack goes as a whole: its fields stand for themselves nowhere.
      const removal: GuardRemoval = { kind: 'pack', id: canonicalHash(pack.payload), reason: SUSPECTED }
      return { removal, result: scan(packTexts(pack.payload), waivers.inPack(pack), removal.id) }
    }),
    waived,
  }
}

type Action = ScanResult['action']

const asFound = ({ action }: ScanResult): Action => action

function verdict(
  { prompt, packs, waived }: Look,
  actionOf: (result: ScanResult) => Action,
  { errors = [], ...more }: { readonly errors?: readonly AceError[]; readonly scanned?: GuardOutcome['scanned'] } = {},
): GuardOutcome {
  const results = [prompt, ...packs.map(({ result }) => result)]
  const poison = results.filter((result) => actionOf(result) === 'poison').flatMap(({ matches }) => matches)
  if (poison.length > 0) {
    const patterns = [...new Set(poison.map(({ pattern_id }) => pattern_id))]
    const detected = error('PromptInjectionDetected', { matches: poison.length, patterns: patterns.slice(0, 64) })
    // Detection goes first: it stops the pipeline whatever else is wrong (VAL-004).
    return outcome([detected, ...errors], { ...more, matches: poison.slice(0, MOST) })
  }
  const passed = {
    ...more,
    waived: waived.flatMap(({ matches }) => matches).slice(0, MOST),
    warnings: [...new Set(waived.map(({ id }) => `injection_waived:${id}`))],
  }
  const suspected = results.flatMap(({ matches }) => matches)
  if (suspected.length === 0 || errors.length > 0) return outcome(errors, passed)
  const removals = [
    ...prompt.matches.flatMap(({ members }) => members.map(removalOf)),
    ...packs.flatMap(({ removal, result }) => (result.action === 'none' ? [] : [removal])),
  ]
  const unique = [...new Map(removals.map((removal) => [removal.id, removal])).values()]
  return outcome([], {
    ...passed,
    verdict: 'quarantine',
    matches: suspected.slice(0, MOST),
    warnings: [...passed.warnings, ...unique.map(({ id }) => `${SUSPECTED}:${id}`)],
    removals: unique,
  })
}

function removalOf({ candidate_id, block }: InjectionMatch['members'][number]): GuardRemoval {
  return candidate_id === null
    ? { kind: 'block', id: block, reason: SUSPECTED }
    : { kind: 'candidate', id: candidate_id, reason: SUSPECTED }
}

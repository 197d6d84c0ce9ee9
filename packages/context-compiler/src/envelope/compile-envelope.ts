import {
  ContextBlock,
  type ContextBlockKind,
  envelopeHashes,
  PREFIX_KINDS,
  type PromptEnvelope,
  type WorkingContext,
} from '@ctxlock/contracts/context'
import type { TokenCounter } from '@ctxlock/contracts/ports'
import { parseSelector } from '@ctxlock/contracts/references'
import { canonicalHash, canonicalize, oncePerSettled, settle, textHash } from '@ctxlock/core-hash'

import { CompileError } from '../compile-error.ts'
import { compareUtf16 } from '../retrieval/score.ts'
import { linesOfBlock, renderEnvelope } from './render-envelope.ts'

export interface EnvelopeInput {
  /** Rules, playbook, task and constraints: what stays the same from call to call (ACE-010..ACE-012). */
  readonly prefix: readonly ContextBlock[]
  /** Whatever changes: user input, snippets, tool results, hints. */
  readonly suffix: readonly ContextBlock[]
  /** Tokens as rendered, delimiters included; the same counter as everywhere in the call (ACE-056). */
  readonly budgets: { readonly total: number; readonly prefix: number; readonly suffix: number }
  readonly counter: TokenCounter
}

/** Kinds a caller may retrieve less of; everything else is pinned (ACE-074). */
const OPTIONAL_KINDS: ReadonlySet<ContextBlockKind> = new Set([
  'retrieved_snippet',
  'memory_pack',
  'tool_delta',
  'scope_hint',
])

/**
 * Puts a call's blocks into their final order, checks them and hashes them (ACE-010..ACE-013, ACE-074). The same blocks give
 * the same bytes, in whatever order they come; the result is frozen through and through. Nothing is ever dropped: too much
 * is an error. Throws `InvalidInput`, `DuplicateOrderKey`, `PrefixContamination`, `EvidenceWithoutSource`, `PinnedOverflow`
 * and `BudgetExceeded`.
 */
export function compileEnvelope({ prefix, suffix, budgets, counter }: EnvelopeInput): PromptEnvelope {
  const stable = stableBlocks(prefix)
  const variable = settle(checkedBlocks(suffix))
  refuseInPrefix(stable)
  refuseRepeatedKeys([...stable, ...variable])
  const sides = { stable, variable, nonce: delimiterNonce([...stable, ...variable]) }
  const estimates = estimate(sides, counter)
  refuseOverflow(estimates, estimate(pinnedOf(sides), counter), budgets)
  const hashes = envelopeHashes(stable, variable)
  return settle({
    schema_version: 'hsk.prompt_envelope@1',
    stable_prefix: context(stable, budgets.prefix, estimates.prefix, hashes.stable_prefix_hash),
    variable_suffix: context(variable, budgets.suffix, estimates.suffix, hashes.variable_suffix_hash),
    ...hashes,
    delimiter_nonce: sides.nonce,
  })
}

/** Derived from the exact text of all blocks, so that none can contain it and the same blocks get the same (ACE-013). */
export function delimiterNonce(blocks: readonly ContextBlock[]): string {
  return canonicalHash(blocks.map(({ order_key, kind, content }) => [order_key, kind, textHash(content)])).slice(0, 16)
}

interface Sides {
  readonly stable: ContextBlock[]
  readonly variable: ContextBlock[]
  readonly nonce: string
}

/** Valid copies in the order of CJ-028: by `order_key`, then by canonical text. */
function checkedBlocks(blocks: readonly ContextBlock[]): ContextBlock[] {
  const checked = blocks.map((block) => {
    const parsed = ContextBlock.safeParse(block)
    if (!parsed.success || !parsed.data.content.isWellFormed()) {
      const places = parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
      throw new CompileError(
        'InvalidInput',
        `A context block must fit its schema and be valid Unicode; correct ${places ?? 'content'}.`,
      )
    }
    refuseUnsourced(parsed.data)
    return parsed.data
  })
  return checked.toSorted(
    (left, right) =>
      compareUtf16(left.order_key, right.order_key) || compareUtf16(canonicalize(left), canonicalize(right)),
  )
}

/** The blocks of a prefix stay the same from call to call: those that can never change are looked at once. */
const stableBlocks = oncePerSettled((blocks: readonly ContextBlock[]): ContextBlock[] => settle(checkedBlocks(blocks)))

function refuseInPrefix(blocks: readonly ContextBlock[]): void {
  const stranger = blocks.find(({ kind }) => !PREFIX_KINDS.has(kind))
  if (!stranger) return
  const message = `The stable prefix holds rules, playbook_ref, constraints and task only, not ${stranger.kind}; move the block to the suffix.`
  throw new CompileError('PrefixContamination', message, { order_key: stranger.order_key })
}

function refuseRepeatedKeys(blocks: readonly ContextBlock[]): void {
  const seen = new Set<string>()
  for (const { order_key } of blocks) {
    if (seen.has(order_key)) {
      throw new CompileError('DuplicateOrderKey', 'Every block of a call needs an order_key of its own; rename one.', {
        order_key,
      })
    }
    seen.add(order_key)
  }
}

function refuseUnsourced(block: ContextBlock): void {
  if (block.kind !== 'retrieved_snippet') return
  const bounded = block.source_refs.every(({ hash, selector }) => hash !== undefined && parseSelector(selector ?? ''))
  if (bounded && linesOfBlock(block)) return
  throw new CompileError(
    'EvidenceWithoutSource',
    'A snippet needs source_refs with hash and bounded selector, one of them lines:a-b; build blocks with snippetBlocks.',
    { order_key: block.order_key },
  )
}

function estimate({ stable, variable, nonce }: Sides, counter: TokenCounter) {
  const { messages } = renderEnvelope({
    stable_prefix: context(stable, 0, 0, ''),
    variable_suffix: context(variable, 0, 0, ''),
    delimiter_nonce: nonce,
  })
  const tokensOf = (role: string) => counter.count(messages.find((message) => message.role === role)?.content ?? '')
  return { prefix: tokensOf('system'), suffix: tokensOf('user') }
}

function pinnedOf({ stable, variable, nonce }: Sides): Sides {
  return { stable, variable: variable.filter(({ kind }) => !OPTIONAL_KINDS.has(kind)), nonce }
}

function refuseOverflow(
  all: { readonly prefix: number; readonly suffix: number },
  pinned: { readonly prefix: number; readonly suffix: number },
  budgets: EnvelopeInput['budgets'],
): void {
  const excess = (tokens: typeof all) =>
    (['prefix', 'suffix'] as const).find((side) => tokens[side] > budgets[side]) ??
    (tokens.prefix + tokens.suffix > budgets.total ? 'total' : undefined)
  const describe = (side: keyof typeof budgets, tokens: typeof all) =>
    `${side === 'total' ? tokens.prefix + tokens.suffix : tokens[side]} tokens in a ${side} budget of ${budgets[side]}`
  const pinnedExcess = excess(pinned)
  if (pinnedExcess) {
    const message = `What must not be dropped takes ${describe(pinnedExcess, pinned)}; raise the budget or shorten rules, task or input.`
    throw new CompileError('PinnedOverflow', message)
  }
  const side = excess(all)
  if (!side) return
  throw new CompileError(
    'BudgetExceeded',
    `The blocks take ${describe(side, all)}; retrieve with a smaller evidence budget.`,
  )
}

function context(blocks: ContextBlock[], budget: number, tokens: number, hash: string): WorkingContext {
  return { blocks, token_budget: budget, token_estimate: tokens, build_id: `b-${hash.slice(0, 16)}` }
}

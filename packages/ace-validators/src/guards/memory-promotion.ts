import { MemoryItem, PromotionValidation } from '@ctxlock/contracts/compaction'
import type { AceError, CallInput, Guard, Promotion } from '@ctxlock/contracts/guards'
import { SECRET_CATEGORIES } from '@ctxlock/contracts/ports'
import { parseSelector } from '@ctxlock/contracts/references'
import { canonicalHash, isHash } from '@ctxlock/core-hash'

import { createScanner, type Scanner } from '../scanner/scan.ts'
import { caseFolding } from '../unicode/case-folding.ts'
import { errorsOf, NOT_APPLICABLE, outcome, shortened } from './outcome.ts'

const NAME = 'MemoryPromotionGuard'
const error = errorsOf(NAME)

/** Spec 05 section 3.4: each item is judged by itself, also inside a batch; what is not removed may be promoted (VAL-028). */
export const memoryPromotionGuard: Guard = {
  name: NAME,
  validateCall(input) {
    if (input.promotions.length === 0) return NOT_APPLICABLE
    const rejected = input.promotions.flatMap((promotion, index) => {
      const reason = rejection(promotion, input)
      return reason === undefined ? [] : [{ reason, id: nameOf(promotion, index), index }]
    })
    const errors: AceError[] = rejected.map(({ reason, id, index }) =>
      error('MemoryPromotionBlocked', { reason, memory_id: id, index }),
    )
    return outcome(errors, { removals: rejected.map(({ reason, id }) => ({ kind: 'promotion', id, reason })) })
  },
}

/** Why an item must not be promoted, or undefined. Anything but an explicit pass counts as none (VAL-026). */
function rejection(promotion: Promotion, { job, ports, now }: CallInput): string | undefined {
  const parsed = MemoryItem.safeParse(promotion.item)
  if (!parsed.success) return 'schema'
  const item = parsed.data
  const item_hash = canonicalHash(item)
  const validation = PromotionValidation.safeParse(promotion.validation)
  if (!validation.success || validation.data.result !== 'Pass') return 'not_validated'
  const { data: result } = validation
  if (result.item_hash !== item_hash) return 'validation_of_another_item'
  if (result.job_id !== job.job_id || item.provenance.created_by_job_id !== job.job_id)
    return 'validation_of_another_job'
  // Canonical timestamps compare as text. A result from the future was not the result of a validation.
  if (result.completed_at < promotion.item_changed_at || result.completed_at > now) return 'validation_outdated'

  if (!(item.confidence > 0)) return 'confidence_zero'
  const bounded = item.provenance.source_refs.every(
    ({ hash, selector }) => isHash(hash) && parseSelector(selector ?? ''),
  )
  if (!bounded) return 'source_not_bounded'
  if (holdsInstructions(item.content)) return 'instructions_in_content'
  if (ports.redactor.detect(item.content).some(({ category }) => SECRET_CATEGORIES.has(category)))
    return 'secret_in_content'
  if (item.memory_class === 'procedural' && !isReviewed(promotion, item_hash)) return 'not_reviewed'
  return undefined
}

function isReviewed({ review }: Promotion, item_hash: string): boolean {
  return review !== null && review.approved && review.item_hash === item_hash && review.reviewer !== ''
}

// How tool calls and prompts look in the formats models are trained on; memory holds declarations (VAL-027).
const INSTRUCTION_MARKS = [
  '<tool_call',
  '</tool_call',
  '<function=',
  '<function_call',
  '"tool_calls"',
  '"function_call"',
  '"tool_use"',
  '[tool_calls]',
  '<|im_start|>',
  '<|im_end|>',
  '<|system|>',
  '<|user|>',
  '<|assistant|>',
  '<|start_header_id|>',
  '<|eot_id|>',
  '<start_of_turn>',
  '[inst]',
  '<<sys>>',
  '<<source ',
  '<<end ',
  '### instruction',
  '### system',
  '\n\nhuman:',
  '\n\nassistant:',
  'system prompt:',
]
let scanner: Scanner | undefined

function holdsInstructions(content: string): boolean {
  scanner ??= createScanner()
  const folded = caseFolding.fold(content)
  return INSTRUCTION_MARKS.some((mark) => folded.includes(mark)) || scanner.find(content) !== undefined
}

function nameOf({ item }: Promotion, index: number): string {
  const named = MemoryItem.shape.memory_id.safeParse(
    typeof item === 'object' && item !== null && 'memory_id' in item ? item.memory_id : undefined,
  )
  return named.success ? shortened(named.data) : `item ${index}`
}

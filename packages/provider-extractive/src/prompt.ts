import { type EvidenceBlock, splitEvidence } from '@ctxlock/contracts/evidence'
import type { ChatMessage } from '@ctxlock/contracts/provider'

export interface ReadPrompt {
  readonly question: string
  readonly blocks: readonly EvidenceBlock[]
}

/**
 * Takes a prompt apart: the evidence blocks of all messages that are not the assistant's, and the question. That is what
 * stands behind the last block of the last user message, or else its other text, or else what the system message says.
 */
export function readPrompt(messages: readonly Pick<ChatMessage, 'role' | 'content'>[]): ReadPrompt {
  const split = messages
    .filter(({ role }) => role !== 'assistant')
    .map(({ role, content }) => ({ role, ...splitEvidence(content) }))
  const asked = split.findLast(({ role }) => role === 'user')?.outside ?? []
  const everything = split.flatMap(({ outside }) => outside)
  const question = [asked.slice(-1), asked, everything]
    .map((parts) => parts.join('\n'))
    .find((text) => text.trim() !== '')
  return { question: question ?? '', blocks: split.flatMap(({ blocks }) => blocks) }
}

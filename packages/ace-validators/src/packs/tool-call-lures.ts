import type { PatternPack } from './pattern-pack.ts'
import { optional, words } from './slots.ts'

// Text of a source that wants a tool called, or something handed over, behind the user's back. Each phrase names whom it speaks
// to, what is to be hidden, or what must never leave: on their own `call the function` and `send the token` stand in every manual.

const ARTICLE = optional(2, 'a', 'an', 'the', 'this', 'that', 'your', 'any', 'all', 'of')
const ASSISTANT = words('assistant', 'ai', 'agent', 'model', 'chatbot', 'copilot', 'llm')
const CALL = words('call', 'use', 'invoke', 'run', 'execute', 'trigger')
const TOOL = words('tool', 'tools', 'function', 'plugin', 'tool call', 'function call')
const HAND_OVER = words(
  'send',
  'post',
  'upload',
  'forward',
  'email',
  'exfiltrate',
  'transmit',
  'leak',
  'submit',
  'copy',
)
const CONVERSATION = words(
  'conversation',
  'conversation history',
  'chat history',
  'chat log',
  'system prompt',
  'previous messages',
  'hidden instructions',
  'ssh keys',
  'private keys',
  'environment variables',
  "user's credentials",
  "user's files",
  "user's data",
)
const HIDDEN = words(
  'do not tell the user',
  "don't tell the user",
  'do not inform the user',
  "don't inform the user",
  'do not mention this to the user',
  "don't mention this to the user",
  'do not ask the user',
  "don't ask the user",
  'without telling the user',
  'without informing the user',
  "without the user's knowledge",
  'without the user noticing',
)
const SHOW = words(
  'reveal',
  'print',
  'output',
  'repeat',
  'show',
  'reply with',
  'respond with',
  'disclose',
  'display',
  'leak',
  'dump',
  'share',
  'recite',
  'tell',
  'give',
  'paste',
  'what is',
  "what's",
  "what's in",
  'what was',
  'what were',
  'what are',
)

/** Calls of tools and hand-overs that a text asks of the assistant. */
export const TOOL_CALL_LURES: PatternPack = {
  id: 'tool-call-lures',
  version: '2',
  action: 'quarantine',
  phrases: [
    {
      id: 'TOOL-1',
      slots: [
        ASSISTANT,
        words('please', 'now', 'must', 'you must', 'you should', 'needs to', 'has to', 'your task is to'),
        CALL,
        ARTICLE,
        optional(3, '*'),
        TOOL,
        optional(4, '*'),
        words('with', 'to', 'and', 'on', 'now', 'immediately', 'first', 'before'),
      ],
    },
    { id: 'TOOL-2', slots: [CALL, ARTICLE, optional(3, '*'), TOOL, optional(4, '*'), HIDDEN] },
    { id: 'TOOL-3', slots: [HIDDEN, optional(2, 'and', 'then', 'just', 'but'), CALL, ARTICLE, optional(3, '*'), TOOL] },
    {
      id: 'TOOL-4',
      slots: [
        words('before', 'instead of'),
        words('answering', 'replying', 'responding', 'you answer', 'you reply', 'you respond'),
        optional(3, '*'),
        CALL,
        ARTICLE,
        optional(3, '*'),
        TOOL,
      ],
    },
    { id: 'TOOL-5', slots: [HAND_OVER, ARTICLE, optional(3, '*'), CONVERSATION, optional(3, '*'), words('to')] },
    { id: 'TOOL-6', slots: [HAND_OVER, optional(4, '*'), HIDDEN] },
    {
      id: 'TOOL-7',
      slots: [
        SHOW,
        optional(1, 'me', 'us'),
        words('your'),
        optional(2, 'full', 'entire', 'exact', 'whole', 'complete', 'initial', 'original', 'current', 'actual', 'own'),
        words(
          'system prompt',
          'system instructions',
          'initial prompt',
          'original prompt',
          'initial instructions',
          'original instructions',
          'hidden instructions',
          'secret instructions',
          'tool definitions',
          'developer message',
        ),
      ],
    },
    {
      id: 'TOOL-8',
      slots: [
        words('reply', 'respond', 'answer'),
        words('only with', 'just with', 'with only', 'with nothing but'),
        ARTICLE,
        optional(1, '*'),
        words('tool call', 'function call'),
      ],
    },
  ],
}

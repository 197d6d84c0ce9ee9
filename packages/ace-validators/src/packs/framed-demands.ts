import { DEMANDS, HARMFUL_COMMANDS } from './demands.ts'
import type { Phrase } from './pattern-pack.ts'
import { optional, words } from './slots.ts'

// A frame of an order and a demand in it. Either alone is ordinary: `run this shell command`, `updated instructions`, `test mode is on`.

const OF_A_MACHINE = [
  'system',
  'system level',
  'operating system',
  'os',
  'terminal',
  'shell',
  'bash',
  'console',
  'host',
  'root',
  'admin',
  'administrator',
  'kernel',
  'superuser',
  'privileged',
]
const ORDER = ['command', 'commands', 'directive', 'override', 'order', 'instruction', 'prompt']
const ORDER_OF_A_MACHINE = words(
  'system cmd',
  ...OF_A_MACHINE.flatMap((machine) => ORDER.map((order) => `${machine} ${order}`)),
)
const RENEWED = words(
  'new',
  'newer',
  'brand new',
  'fresh',
  'updated',
  'up to date',
  'changed',
  'modified',
  'amended',
  'revised',
  'latest',
  'replacement',
  'superseding',
  'additional',
  'higher priority',
  'priority',
  'overriding',
  'secret',
  'hidden',
  'real',
  'actual',
)
const ORDERS = words(
  'instructions',
  'instruction',
  'directives',
  'orders',
  'commands',
  'guidelines',
  'rules',
  'prompt',
  'prompts',
  'system prompt',
  'objective',
  'set of instructions',
  'set of rules',
)
const FROM_SOMEBODY = optional(
  4,
  'from',
  'of',
  'for',
  'the',
  'your',
  'are',
  'operator',
  'developer',
  'system',
  'assistant',
  '1',
)
const SET_ASIDE = words(
  'ignore',
  'disregard',
  'forget',
  'override',
  'discard',
  'drop',
  'skip',
  'bypass',
  'abandon',
  'delete',
  'set aside',
  'put aside',
  'throw away',
  'leave behind',
)
const DETERMINER = optional(5, 'all', 'any', 'every', 'each', 'one', 'of', 'the', 'these', 'those', 'your', 'my', 'our')

const FRAMES: readonly Phrase[] = [
  { id: 'FRAME-1', slots: [ORDER_OF_A_MACHINE] },
  { id: 'FRAME-2', slots: [RENEWED, optional(1, ...RENEWED.oneOf), ORDERS, FROM_SOMEBODY] },
  { id: 'FRAME-9', slots: [words('newinstructions'), FROM_SOMEBODY] },
  {
    id: 'FRAME-3',
    slots: [
      words('enter', 'activate', 'switch to', 'enable', 'go into', 'you are now in', "you're now in"),
      optional(4, '*'),
      words('mode', 'developermode'),
      optional(3, '*'),
    ],
    sentences: 2,
  },
  {
    id: 'FRAME-4',
    slots: [
      words('while', 'when', 'since', 'because', 'now that', 'as long as'),
      optional(4, '*'),
      words('mode', 'developermode'),
      words('is on', 'is active', 'is enabled'),
      optional(2, '*'),
    ],
  },
  {
    id: 'FRAME-5',
    slots: [
      words('mode', 'developermode'),
      words('on', 'is on', 'enabled', 'activated', 'is active', 'engaged', 'unlocked'),
      optional(6, '*'),
    ],
    sentences: 2,
  },
  {
    id: 'FRAME-6',
    slots: [
      SET_ASIDE,
      DETERMINER,
      words('previous', 'prior', 'earlier', 'former', 'preceding', 'foregoing', 'above', 'past', 'old'),
      words('messages', 'context', 'commands', 'orders'),
      optional(2, '*'),
    ],
    sentences: 2,
  },
  {
    id: 'FRAME-7',
    slots: [
      SET_ASIDE,
      DETERMINER,
      words('instructions', 'directions', 'directives', 'rules', 'guidelines', 'prompts', 'messages', 'text'),
      words('above', 'from above'),
      optional(2, '*'),
    ],
    sentences: 2,
  },
]

export const FRAMED_DEMANDS: readonly Phrase[] = [
  ...FRAMES.map((frame) => ({ ...frame, followedBy: DEMANDS })),
  { id: 'FRAME-8', slots: [ORDER_OF_A_MACHINE], followedBy: HARMFUL_COMMANDS },
]

import type { Phrase } from './pattern-pack.ts'
import { optional, words } from './slots.ts'

// Demands in the voice of somebody who may command the assistant. Each names its frame (`you are now in … mode`) and leaves
// the words in it open: on their own `maintenance mode` and `shell command` stand in many manuals.

const ANY_TWO = optional(2, '*')
const ARTICLE = optional(2, 'a', 'an', 'the', 'this', 'that', 'these', 'following', 'next', 'your', 'some', 'my', 'our')

const LIMITLESS = words(
  'unrestricted',
  'unfiltered',
  'uncensored',
  'unlimited',
  'unlocked',
  'jailbreak',
  'jailbroken',
  'dan',
  'god',
  'sudo',
  'superuser',
  'privileged',
  'no restrictions',
  'no limits',
)
const POWERS = [
  'developer',
  'developers',
  "developer's",
  'dev',
  'admin',
  'administrator',
  'root',
  'bypass',
  'do anything now',
  'override',
  'evil',
  'opposite',
  'hacker',
  'root access',
  'super admin',
  'stan',
  ...LIMITLESS.oneOf,
]
const ROLE = words(
  'debug',
  'maintenance',
  'diagnostic',
  'service',
  'operator',
  'engineering',
  'expert',
  'internal',
  ...POWERS,
)
const MODE = words('mode')
const LIMITS = words('safety', 'restrictions', 'filters', 'limits', 'guardrails', 'rules', 'guidelines', 'restraints')

const REPLACED = words(
  'new',
  'newer',
  'updated',
  'revised',
  'replacement',
  'latest',
  'fresh',
  'changed',
  'modified',
  'up to date',
  'amended',
  'superseding',
  'newly issued',
  'brand new',
  'improved',
  'additional',
  'real',
  'actual',
  'true',
  'alternative',
  'secret',
  'hidden',
  'overriding',
  'priority',
  'higher priority',
  'emergency',
)
const ORDERS = words(
  'instructions',
  'instruction',
  'directives',
  'directive',
  'orders',
  'commands',
  'guidelines',
  'rules',
  'prompt',
  'system prompt',
  'objective',
  'mission',
  'set of instructions',
  'set of rules',
  'instructions from the operator',
  'instructions from the developer',
  'instructions from the system',
)
const SENDER = words(
  'operator',
  'developer',
  'developers',
  'administrator',
  'admin',
  'owner',
  'system',
  'user',
  'company',
)
const LEFT = words(
  'left',
  'sent',
  'gave',
  'issued',
  'posted',
  'has left',
  'has sent',
  'has issued',
  'provided',
  'added',
)
const COMMAND = words(
  'command',
  'commands',
  'directive',
  'override',
  'order',
  'instruction',
  'command from the system',
  'instruction from the system',
  'system cmd',
  'system prompt',
)
const OF_THE_SYSTEM = words(
  'system',
  'system level',
  'root',
  'privileged',
  'superuser',
  'kernel',
  'admin',
  'administrator',
)
const EXECUTE = words('execute', 'run', 'perform', 'obey', 'follow', 'carry out')

export const LURES: readonly Phrase[] = [
  // In maintenance or edit mode anybody may be.
  {
    id: 'LURE-1',
    slots: [
      words('you are now in', "you're now in"),
      ANY_TWO,
      words(...POWERS.map((role) => `${role} mode`), 'developermode'),
    ],
  },
  {
    id: 'LURE-2',
    slots: [
      words('enter', 'activate', 'switch to', 'enable', 'go into'),
      ARTICLE,
      ROLE,
      MODE,
      words('and', 'first', 'now', 'then', 'immediately'),
    ],
  },
  {
    id: 'LURE-3',
    slots: [ROLE, MODE, words('enabled', 'activated', 'is on', 'is active', 'engaged', 'unlocked'), ANY_TWO, LIMITS],
  },
  {
    id: 'LURE-4',
    slots: [
      words('while', 'when', 'since', 'because', 'now that'),
      ARTICLE,
      ROLE,
      MODE,
      words('is on', 'is active', 'is enabled'),
    ],
  },
  { id: 'LURE-5', slots: [LIMITLESS, MODE, words('enabled', 'activated', 'on', 'is on', 'is active', 'engaged')] },
  {
    id: 'LURE-6',
    slots: [
      words('treat', 'take', 'consider', 'interpret', 'read'),
      ARTICLE,
      words('line', 'lines', 'text', 'message', 'paragraph', 'sentence', 'part', 'output'),
      words('as'),
      ARTICLE,
      ANY_TWO,
      COMMAND,
    ],
  },
  {
    id: 'LURE-7',
    slots: [
      words('assistant', 'ai', 'agent', 'model', 'chatbot'),
      optional(1, 'please', 'now', 'must', 'you must'),
      EXECUTE,
      ARTICLE,
      ANY_TWO,
      COMMAND,
    ],
  },
  { id: 'LURE-8', slots: [EXECUTE, words('this', 'the following'), OF_THE_SYSTEM, COMMAND] },
  {
    id: 'LURE-9',
    slots: [words('command from the system', 'system level command', 'system directive')],
  },
  {
    id: 'LURE-10',
    slots: [
      SENDER,
      LEFT,
      ARTICLE,
      optional(3, '*'),
      words('newinstructions', ...ORDERS.oneOf),
      words('for'),
      ARTICLE,
      words('assistant', 'ai', 'agent', 'model', 'you'),
    ],
  },
  { id: 'LURE-11', slots: [EXECUTE, ARTICLE, optional(3, '*'), ORDERS, words('instead')] },
  {
    id: 'LURE-12',
    slots: [words('your'), REPLACED, optional(1, ...REPLACED.oneOf), ORDERS, words('are', 'is', 'follow')],
  },
  {
    id: 'LURE-13',
    slots: [
      REPLACED,
      optional(1, ...REPLACED.oneOf),
      optional(1, 'system'),
      ORDERS,
      words('for the assistant', 'for the ai', 'for the model', 'for you'),
    ],
  },
  // The heading of a list.
  {
    id: 'LURE-16',
    slots: [
      REPLACED,
      optional(1, ...REPLACED.oneOf),
      words('instructions', 'directives', 'orders', 'commands', 'system prompt', 'set of instructions', 'set of rules'),
      optional(3, 'from', 'of', 'the', 'your', 'operator', 'developer', 'system'),
      words('1'),
    ],
  },
  {
    id: 'LURE-14',
    slots: [
      words(
        'new set of instructions',
        'higher priority instructions',
        'instructions from the operator',
        'replacement instructions',
        'superseding instructions',
      ),
    ],
  },
  {
    id: 'LURE-15',
    slots: [
      words('your'),
      optional(1, ...REPLACED.oneOf),
      words('instructions', 'orders', 'directives', 'rules'),
      words('have changed', 'have been updated', 'have been replaced', 'are replaced', 'are void'),
    ],
  },
  {
    id: 'LURE-18',
    slots: [
      words('enter', 'activate', 'switch to', 'enable', 'go into', 'turn on'),
      ARTICLE,
      words('unrestricted', 'unfiltered', 'uncensored', 'jailbreak', 'jailbroken', 'dan', 'do anything now'),
      MODE,
    ],
  },
  { id: 'LURE-17', slots: [words('newinstructions'), optional(2, 'for', 'the', 'assistant', 'ai'), words('1')] },
]

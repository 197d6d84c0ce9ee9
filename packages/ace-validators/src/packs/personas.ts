import type { Phrase } from './pattern-pack.ts'
import { SAFEGUARDS, SAFETY } from './safety-words.ts'
import { optional, words } from './slots.ts'

// Demands to be somebody for whom no rules hold.

const BECOME = words(
  'you are',
  "you're",
  'you are now',
  "you're now",
  'you will be',
  'act as',
  'act like',
  'acting as',
  'behave as',
  'behave like',
  'pretend to be',
  'pretend you are',
  "pretend you're",
  'pretend that you are',
  'respond as',
  'answer as',
  'roleplay as',
  'role play as',
  'communicate as',
  'imagine you are',
)
const UNBOUND = words(
  'unrestricted',
  'unfiltered',
  'uncensored',
  'unfettered',
  'untrammelled',
  'jailbroken',
  'amoral',
  'unethical',
  'evil',
  'malicious',
  'unbound',
)
const MACHINE = words(
  'ai',
  'ais',
  'assistant',
  'model',
  'chatbot',
  'bot',
  'robot',
  'entity',
  'language model',
  'llm',
  'agent',
  'persona',
  'system',
  'version',
  'mode',
  'character',
  'hacker',
)
const DAN = words('dan', 'dude', 'stan', 'antigpt', 'evilgpt', 'freegpt', 'devmode', 'maxgpt')
const NO_LIMITS = words(
  'restrictions',
  'limits',
  'limitations',
  'guidelines',
  'filters',
  'rules',
  'censorship',
  'constraints',
  'boundaries',
)

export const PERSONAS: readonly Phrase[] = [
  {
    id: 'PERS-1',
    slots: [
      BECOME,
      optional(3, 'a', 'an', 'the', 'my', 'in', 'now', 'free', 'completely', 'fully', 'totally', 'very'),
      UNBOUND,
      optional(2, '*'),
      MACHINE,
    ],
  },
  {
    id: 'PERS-2',
    slots: [
      words('you are now', "you're now", 'you will now be'),
      optional(2, 'completely', 'fully', 'totally', 'an', 'in'),
      words(
        'unrestricted',
        'unfiltered',
        'uncensored',
        'unfettered',
        'jailbroken',
        'free from',
        'free of',
        'no longer bound',
      ),
    ],
  },
  {
    id: 'PERS-3',
    slots: [
      words(
        'you are now',
        "you're now",
        'act as',
        'acting as',
        'pretend you are',
        'pretend to be',
        'from now on you are',
        'you are going to act as',
        'respond as',
        'become',
      ),
      DAN,
    ],
  },
  { id: 'PERS-4', slots: [DAN, words('do anything now', 'do anything unrestricted', 'strive to avoid norms')] },
  {
    id: 'PERS-5',
    slots: [
      words(
        'you have',
        'you now have',
        'with',
        'has',
        'who has',
        'there are',
        'operate with',
        'operating with',
        'under',
      ),
      words('no', 'no more', 'zero', 'no longer any'),
      optional(1, 'and'),
      SAFETY,
      optional(2, 'or', 'and', 'legal', 'moral', 'ethical'),
      SAFEGUARDS,
    ],
  },
  {
    id: 'PERS-6',
    slots: [
      words(
        'no longer bound by',
        'not bound by',
        'freed from',
        'not constrained by',
        'no longer constrained by',
        'no longer subject to',
      ),
      optional(3, 'all', 'any', 'of', 'your', 'the', 'its', 'these', 'those', 'my', 'our'),
      optional(2, '*'),
      NO_LIMITS,
    ],
  },
]

import type { Phrase, Slot } from './pattern-pack.ts'
import { SAFEGUARDS, SAFETY } from './personas.ts'

// Demands that name no earlier text: to set all rules aside, to obey an override. The words around the verb are few and fixed, for
// `ignore the rules` and `override the settings` stand in many manuals.

const words = (...oneOf: readonly string[]): Slot => ({ oneOf })
const optional = (most: number, ...oneOf: readonly string[]): Slot => ({ oneOf, times: [0, most] })

const SET_ASIDE = words(
  'ignore',
  'disregard',
  'forget',
  'override',
  'bypass',
  'disobey',
  'overrule',
  'abandon',
  'discard',
  'do not follow',
  "don't follow",
  'stop following',
)
/** One slot for all, so that a word is looked up once. */
const IGNORE = words('ignore', 'disregard', 'forget', 'forget about')
const ALL = words(
  'all',
  'all of',
  'all the',
  'all of the',
  'all your',
  'all of your',
  'all of my',
  'your',
  'every',
  'user',
  'any and all',
)
const OF_MODELS = optional(2, 'system', 'original', 'core', 'internal', 'other', 'your', 'current', 'of')
const ORDERS = words(
  'instructions',
  'instruction',
  'directives',
  'prompts',
  'programming',
  'training',
  'guidelines',
  'system prompt',
  'instructions and rules',
  'rules and instructions',
  'rules and protocols',
)
const THEN = words(
  'and',
  'then',
  'now',
  'instead',
  'you are',
  'reveal',
  'say',
  'output',
  'print',
  'run',
  'send',
  'respond',
  'reply',
)
const DETERMINER = optional(
  4,
  'all',
  'any',
  'every',
  'of',
  'your',
  'the',
  'its',
  'these',
  'those',
  'my',
  'our',
  'previous',
  'openai',
)

export const TAKEOVERS: readonly Phrase[] = [
  { id: 'TAKE-1', slots: [SET_ASIDE, ALL, OF_MODELS, ORDERS] },
  {
    id: 'TAKE-2',
    slots: [IGNORE, words('instructions', 'guidelines', 'programming'), THEN],
  },
  {
    id: 'TAKE-3',
    slots: [
      words('ignore', 'disregard', 'bypass', 'override', 'disable', 'forget', 'abandon', 'circumvent', 'without'),
      DETERMINER,
      SAFETY,
      SAFEGUARDS,
    ],
  },
  {
    id: 'TAKE-4',
    slots: [
      IGNORE,
      words('everything', 'all', 'anything'),
      optional(1, 'that'),
      words(
        'you were told',
        'you have been told',
        "you've been told",
        'you know',
        'you have learned',
        "you've learned",
        'i said',
        'i told you',
        'we discussed',
        'said before',
        'said above',
        'above and',
        'above this',
        'above instead',
        'before and',
        'before this',
      ),
    ],
  },
  {
    id: 'TAKE-5',
    slots: [
      words(
        'overrides',
        'supersedes',
        'replaces',
        'cancels',
        'voids',
        'takes precedence over',
        'take precedence over',
        'overriding',
        'superseding',
      ),
      words('all', 'any', 'every', 'your', 'all of your', 'all your'),
      optional(2, 'previous', 'prior', 'earlier', 'other', 'existing', 'original', 'system', 'preceding'),
      words('instructions', 'instruction', 'prompts', 'directives', 'programming'),
    ],
  },
  {
    id: 'TAKE-6',
    slots: [
      words(
        'system',
        'admin',
        'administrator',
        'root',
        'developer',
        'debug',
        'emergency',
        'security',
        'safety',
        'priority',
      ),
      words('override', 'overrides'),
      optional(2, 'has', 'been', 'is', 'code', 'mode', 'protocol', 'command', 'are'),
      words(
        'activated',
        'engaged',
        'initiated',
        'accepted',
        'authorized',
        'ignore',
        'disregard',
        'you are',
        'you must',
        'call',
        'alpha',
        'new',
        'disable',
        'confirm',
      ),
    ],
  },
  {
    id: 'TAKE-7',
    slots: [
      IGNORE,
      words('all', 'all the', 'all of the', 'everything', 'any', 'your', 'all your', 'the'),
      words('previous', 'prior', 'earlier', 'preceding', 'above', 'current'),
      words('text', 'task', 'conversation', 'input', 'content', 'dialogue', 'programming', 'training', 'persona'),
    ],
  },
  {
    id: 'TAKE-8',
    slots: [IGNORE, words('all', 'any', 'your', 'all the', 'all your', 'every'), words('security'), SAFEGUARDS],
  },
  {
    id: 'TAKE-9',
    slots: [
      words('this', 'the following', 'my'),
      words('prompt', 'message', 'instruction', 'directive', 'command'),
      words('overrides', 'supersedes', 'replaces', 'cancels', 'takes precedence over'),
      words('all', 'any', 'your', 'every'),
    ],
  },
  {
    id: 'TAKE-10',
    slots: [
      SET_ASIDE,
      words('all', 'any', 'all the', 'all of the', 'all your', 'your'),
      words('rules', 'guidelines', 'restrictions', 'instructions', 'limitations', 'constraints'),
      words('and', 'or'),
      words(
        'rules',
        'guidelines',
        'restrictions',
        'instructions',
        'limitations',
        'constraints',
        'policies',
        'regulations',
      ),
    ],
  },
  {
    id: 'TAKE-11',
    slots: [
      words('all', 'all of', 'any', 'the', 'your', 'my', 'our', 'these', 'those'),
      optional(2, 'of', 'the', 'your', 'my', 'our'),
      words('previous', 'prior', 'earlier', 'above', 'preceding', 'original', 'initial'),
      words('instructions', 'rules', 'guidelines', 'prompts', 'directives', 'restrictions', 'orders'),
      words('are', 'were', 'have been', 'are now', 'are hereby', 'have now been'),
      words(
        'null and void',
        'void',
        'irrelevant',
        'invalid',
        'obsolete',
        'cancelled',
        'canceled',
        'revoked',
        'suspended',
        'lifted',
        'superseded',
        'overridden',
        'meaningless',
      ),
    ],
  },
]

import type { Phrase } from './pattern-pack.ts'
import { optional, words } from './slots.ts'

// Demands that speak of earlier orders without naming them as `previous instructions`: what you were told, what came before this line,
// the task at hand. Each names the model (`you`, `your`) or the place in its text; rules and requests are also set aside in manuals.

const SET_ASIDE = words(
  'ignore',
  'disregard',
  'forget',
  'forget about',
  'discard',
  'override',
  'set aside',
  'pay no attention to',
  'do not pay attention to',
  "don't pay attention to",
  'do not listen to',
  "don't listen to",
  'do not follow',
  "don't follow",
  'must not follow',
  'do not obey',
  'stop following',
  'never mind',
)
const IGNORE = words('ignore', 'disregard', 'forget')
const ORDERS = words(
  'instructions',
  'instruction',
  'directives',
  'directive',
  'directions',
  'guidelines',
  'guidance',
  'prompts',
  'prompt',
  'rules',
  'orders',
)
/** Not `orders`, which shops cancel. */
const OF_A_MODEL = words(
  'instructions',
  'directives',
  'guidelines',
  'rules',
  'prompts',
  'prompt',
  'programming',
  'training',
)
const EARLIER = words('previous', 'prior', 'earlier', 'former', 'preceding', 'original', 'initial')
const SAID = words(
  'you were told',
  'you have been told',
  "you've been told",
  'you were given',
  'you have been given',
  "you've been given",
  'you were instructed',
  'you were handed',
  'you got earlier',
  'you have received',
  'you received',
  'i told you',
  'the system said',
  'the system told you',
  'the developer said',
  'the developer told you',
  'the developers told you',
  'your developers said',
)
const BEFORE_THIS = words(
  'came before',
  'comes before',
  'before this line',
  'before this point',
  'before this message',
  'before this sentence',
  'above this line',
  'above this point',
  'above this message',
  'prior to this message',
  'prior to this line',
)
const NO_LONGER_APPLY = words(
  'no longer apply',
  'no longer applies',
  'do not apply here',
  'does not apply here',
  'do not apply anymore',
  'are no longer valid',
  'are cancelled',
  'are canceled',
  'are hereby cancelled',
  'are hereby canceled',
  'are revoked',
  'are hereby revoked',
  'have been revoked',
  'have been cancelled',
  'have been suspended',
  'are suspended',
)
const ANSWER = words('output', 'print', 'reply', 'respond', 'say', 'write', 'reveal', 'show', 'tell', 'send', 'list')

export const PRIOR_ORDERS: readonly Phrase[] = [
  {
    id: 'PRIOR-1',
    slots: [
      SET_ASIDE,
      optional(2, 'all', 'of', 'the'),
      words('what', 'whatever', 'everything', 'anything', 'all', ...ORDERS.oneOf, 'task'),
      optional(1, 'that', 'which'),
      SAID,
    ],
  },
  {
    id: 'PRIOR-2',
    slots: [
      SET_ASIDE,
      optional(3, 'all', 'any', 'every', 'of', 'the', 'these', 'those', 'your', 'whatever'),
      ORDERS,
      optional(2, 'that', 'which', 'written', 'given', 'issued', 'stated'),
      BEFORE_THIS,
    ],
  },
  {
    id: 'PRIOR-3',
    slots: [
      words(...SET_ASIDE.oneOf.filter((verb) => verb !== 'override' && verb !== 'discard')),
      optional(3, 'the', 'your', 'any', 'all', 'previous', 'original', 'initial', 'earlier', 'current'),
      words('system message', 'system messages', 'developer message', 'original task', 'initial task'),
    ],
  },
  { id: 'PRIOR-4', slots: [words('your'), optional(1, ...EARLIER.oneOf, 'old'), OF_A_MODEL, NO_LONGER_APPLY] },
  { id: 'PRIOR-5', slots: [EARLIER, words('instructions', 'directives', 'prompts'), NO_LONGER_APPLY] },
  { id: 'PRIOR-6', slots: [OF_A_MODEL, optional(1, 'that', 'which'), SAID, optional(2, '*'), NO_LONGER_APPLY] },
  {
    id: 'PRIOR-7',
    slots: [
      words('instead of', 'rather than'),
      words('summarizing', 'summarising', 'translating', 'classifying', 'answering'),
      words('this', 'the', 'that'),
      optional(4, '*'),
      ANSWER,
    ],
  },
  {
    id: 'PRIOR-8',
    slots: [
      words('instead of'),
      words('the', 'your'),
      words('task above', 'question above', 'instructions above', 'original task', 'previous task', 'given task'),
    ],
  },
  {
    id: 'PRIOR-9',
    slots: [
      IGNORE,
      words('the', 'this', 'that', 'your', "the user's"),
      optional(1, 'original', 'actual', 'given', 'current', 'previous'),
      words('task', 'question'),
      words('and', 'then', 'instead'),
      optional(1, 'instead', 'just', 'only', 'simply'),
      ANSWER,
    ],
  },
  {
    id: 'PRIOR-10',
    slots: [
      words('wipe', 'erase', 'reset', 'purge'),
      words('your'),
      words('memory', 'instructions', 'programming', 'training', 'system prompt', 'guidelines'),
    ],
  },
  {
    id: 'PRIOR-11',
    slots: [
      words('this', 'these', 'the following', 'my'),
      optional(1, 'new', 'updated'),
      words('instructions', 'directives', 'message', 'prompt'),
      words(
        'supersede',
        'supersedes',
        'override',
        'overrides',
        'replace',
        'replaces',
        'has higher priority than',
        'have higher priority than',
        'has priority over',
        'have priority over',
        'take precedence over',
        'takes precedence over',
      ),
      words(
        'everything',
        'anything you',
        'all you',
        'the system prompt',
        'the system message',
        'your system prompt',
        'your instructions',
        'your guidelines',
        'your previous',
        'your original',
      ),
    ],
  },
  {
    id: 'PRIOR-12',
    slots: [
      words('your'),
      words('new', 'real', 'actual', 'true', 'secret'),
      words('goal', 'task', 'purpose', 'role', 'assignment'),
      words('is to', 'is now'),
    ],
  },
  {
    id: 'PRIOR-13',
    slots: [
      words('pretend', 'act as if', 'act as though', 'behave as if'),
      optional(4, '*'),
      words('previous text', 'earlier instructions', 'previous instructions', 'earlier text', 'your instructions'),
    ],
  },
  {
    id: 'PRIOR-14',
    slots: [words('do the opposite of'), optional(2, 'what', 'whatever', 'all'), words('your'), OF_A_MODEL],
  },
]

import type { Phrase } from './pattern-pack.ts'
import { optional, words } from './slots.ts'

// Questions for what a model was told. `show your prompt` stands in manuals of programs that have one: a plain noun needs a verb that
// gives something away, a plain verb a noun that only a model's own text has.

const GIVE_AWAY = words(
  'reveal',
  'disclose',
  'leak',
  'recite',
  'repeat',
  'tell me',
  'give me',
  'write out',
  'spell out',
)
const SHOW = words(
  ...GIVE_AWAY.oneOf,
  'print',
  'output',
  'show',
  'display',
  'list',
  'dump',
  'return',
  'echo',
  'quote',
  'summarize',
  'summarise',
  'encode',
  'translate',
)
const OWN_TEXT = words('instructions', 'rules', 'guidelines', 'directives', 'programming', 'prompt', 'system message')
const WHOLE = words(
  'entire',
  'full',
  'whole',
  'complete',
  'exact',
  'initial',
  'original',
  'hidden',
  'system',
  'internal',
)
const GIVEN = words(
  'you were given',
  'you have been given',
  "you've been given",
  'you were told',
  'you have been told',
  'you received',
  'you were configured with',
  'you were initialized with',
)

export const DISCLOSURES: readonly Phrase[] = [
  { id: 'DISC-1', slots: [GIVE_AWAY, optional(2, 'me', 'us', 'all', 'of', 'to'), words('your'), OWN_TEXT] },
  {
    id: 'DISC-2',
    slots: [SHOW, optional(2, 'me', 'us', 'out'), words('your'), WHOLE, words('prompt', 'instructions', 'message')],
  },
  {
    id: 'DISC-3',
    slots: [
      SHOW,
      optional(1, 'me', 'us'),
      words('the', 'your', 'all', 'any', 'all of your', 'all the'),
      words('hidden', 'secret', 'confidential', 'concealed'),
      words('prompt', 'prompts', 'instructions', 'directives', 'guidelines', 'system prompt', 'system message'),
    ],
  },
  {
    id: 'DISC-4',
    slots: [
      SHOW,
      optional(2, 'back', 'out', 'me', 'us'),
      words(
        'everything',
        'all the text',
        'all text',
        'the text',
        'the words',
        'all the words',
        'every word',
        'the content',
      ),
      words('above', 'before'),
      words(
        'this line',
        'this message',
        'this sentence',
        'verbatim',
        'starting',
        'word for word',
        'in a code',
        'exactly',
      ),
    ],
  },
  {
    id: 'DISC-5',
    slots: [
      words(...SHOW.oneOf, 'what is', 'what was', 'what are', "what's"),
      optional(8, '*'),
      words('words of', 'contents of', 'content of', 'text of', 'copy of', 'lines of'),
      words('your'),
      optional(1, 'initial', 'original', 'entire', 'full', 'hidden'),
      words('prompt', 'system prompt', 'context window', 'system message', 'instructions'),
    ],
  },
  {
    id: 'DISC-6',
    slots: [
      words('exact text of', 'full text of', 'wording of'),
      words('the', 'your'),
      words('developer message', 'system message', 'system prompt'),
    ],
  },
  {
    id: 'DISC-7',
    slots: [
      SHOW,
      words('the'),
      words(...WHOLE.oneOf.filter((word) => word !== 'system')),
      words('system prompt', 'system message', 'system instructions'),
    ],
  },
  {
    id: 'DISC-8',
    slots: [words('reveal', 'leak', 'disclose'), words('system prompt', 'system instructions')],
  },
  { id: 'DISC-9', slots: [words('what were you', 'what have you been'), words('told', 'instructed', 'prompted')] },
  {
    id: 'DISC-10',
    slots: [
      SHOW,
      optional(3, '*'),
      words('rules', 'instructions', 'guidelines', 'prompt', 'directives', 'message'),
      optional(1, 'that', 'which'),
      GIVEN,
    ],
  },
  {
    id: 'DISC-11',
    slots: [
      words('secret', 'secret key', 'password', 'key', 'passphrase', 'secret word', 'code word'),
      optional(1, 'that', 'which'),
      words('you were told to', 'you were asked to', 'you are supposed to', 'you were instructed to'),
      words('protect', 'keep', 'hide', 'guard', 'never', 'not'),
    ],
  },
]

import type { ProviderErrorCode } from '@ctxlock/contracts/provider'

// Statuses with which a server speaks of its load: words about lengths are then mostly about queues and rates.
const LOAD_STATUSES: ReadonlySet<number | undefined> = new Set([429, 503, 529])
const PASSING = /\b(?:per|each|every) (?:second|minute|hour|day)\b|\b[rt]p[smhd]\b|\bwait|\b(?:re)?try|\bqueue\b/i

// Said of the context itself, with a word of comparison: an unknown parameter `context_size` overflows nothing.
const CONTEXT = new RegExp(
  [
    /\b(?:exceed\w*|overflow\w*|reach\w*|beyond|fit\w*|longer|larger|greater|maximum|max)\b[^.]{0,60}\bcontext[ _]?(?:length|size|window|limit)/,
    /\bcontext[ _]?(?:length|size|window|limit)\b[^.]{0,80}\b(?:exceed|overflow|reach|full\b|(?:is|of)(?: only)? \d)/,
    /\b(?:exceed\w*|longer than|larger than|fit\w* in\w*) (?:the |this )?(?:[\w']+ ){0,3}context\b/,
    /context[ _]?(?:length|size|window)[ _]?exceeded/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
)
// Said of the prompt, the input or their tokens.
const PROMPT = new RegExp(
  [
    /\b(?:prompt|inputs?|sequence|(?<!(?:output|completion|generated|new) )tokens?)\b[^.]{0,80}\b(?:exceed\w*|(?:longer|greater|larger|more) than)\b[^.]{0,60}\b(?:length|limit|maxim\w+|max[_ ]\w+|tokens?)\b/,
    /\b(?:prompt|inputs?)\b[^.]{0,60} too long\b/,
    /\b(?:prompt|inputs?)(?: \([^)]{0,80}\))? (?:is |are )?too large\b/,
    /\btoo many (?:\w+ )?tokens\b/,
    /\bmaximum (?:prompt|input|model|sequence|token) length\b/,
    /\bexceed\w* (?:the )?(?:model )?token limit\b/,
    /\binputs\b.{0,40}\bmust (?:be <=|have less than) \d/,
    /\brange of input length\b|\breduce the length of (?:the|your|either)\b/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
)
const MEDIA = /\b(?:image|picture|audio|video|file|document|attachment|pixel|byte|[kmg]i?b)s?\b/i

// What only money or another account mends, whatever else the server advises.
const SPENT =
  /insufficient (?:quota|credits?|balance|funds)|(?:out of|no|used all(?: available)?|not enough|requires? more|included|purchase) credits?\b|credits? (?:balance )?(?:is |are |have been )?(?:too low|exhausted|expired|depleted)|\bin arrears\b|in good standing|budget has been exceeded|spending limit|billing (?:hard )?limit|account is suspended/i
// What may be a matter of a minute.
const QUOTA =
  /exceeded your (?:[\w-]+ ){0,3}quota|quota (?:has been |is )?(?:exceeded|exhausted)|usage limit|plan and billing/i

// In the order of wire facts 3, behind context and quota: loading, memory, then the rest.
const MESSAGES: readonly (readonly [RegExp, ProviderErrorCode])[] = [
  [
    /(?<!\b(?:error|exception|fail\w*|problem|unable)\b.{0,20})\bloading (?:the )?model|\bmodel\b.{0,300}\bis (?:still |currently )?(?:being loaded|loading|starting|warming up)/i,
    'model_loading',
  ],
  [
    /out of memory|(?:requires|not enough|insufficient) (?:more )?(?:system |gpu )?memory|(?:failed|unable) to (?:load|allocate)(?!.{0,20}\b(?:image|audio|video|file|media))|error loading model|runner (?:process (?:has terminated|no longer running)|to start)|cuda error/i,
    'model_load_failed',
  ],
  [
    /\bmodels?[:/ ]{1,3}(?:(?:with )?(?:name|id)[:= ]{1,2})?(?:\S{1,200} )?(?:is |was |could )?(?:not (?:be )?found|not exist|does(?: not|n't) exist)|no such model|unknown model|invalid model\b|not a valid model|model (?:id|identifier|name) is (?:invalid|not valid)|try pulling it first|no endpoints found for|\bmodel\b.{0,200}\b(?:has been|was|is) (?:decommissioned|retired|shut ?down)/i,
    'model_not_found',
  ],
  [
    /does not support (?:tools|thinking|chat|generate|embed|completion|vision|insert|images)|server does not support|no endpoints found that support|not a chat model/i,
    'not_supported',
  ],
  [
    /(?:server|service) (?:is )?(?:too )?busy|overloaded|over capacity|maximum pending requests|queue is (?:full|too long)/i,
    'overloaded',
  ],
  [/rate limit|too many requests/i, 'rate_limited'],
  [/content (?:filter|policy|management policy)|inappropriate content/i, 'content_filter'],
  [/(?:invalid|incorrect) api key|api key (?:is )?(?:not valid|invalid|expired)/i, 'auth'],
]

/** What the words of an error mean, under the status they came with; nothing when they mean nothing in particular. */
export function messageCode(message: string, status: number | undefined): ProviderErrorCode | undefined {
  const passing = PASSING.test(message)
  const loaded = LOAD_STATUSES.has(status)
  if (CONTEXT.test(message) && !(loaded && passing)) return 'context_overflow'
  if (!loaded && status !== 413 && saysPromptTooLong(message)) return 'context_overflow'
  if (SPENT.test(message) || (QUOTA.test(message) && !passing)) return 'quota_exhausted'
  return MESSAGES.find(([pattern]) => pattern.test(message))?.[1]
}

/** Sizes of images and files are none of the context's, unless they are counted in tokens. */
function saysPromptTooLong(message: string): boolean {
  return PROMPT.test(message) && (!MEDIA.test(message) || /\btokens?\b/i.test(message))
}

import { DISCLOSURES } from './disclosures.ts'
import { DISGUISED } from './disguises.ts'
import { FRAMED_DEMANDS } from './framed-demands.ts'
import { LURES } from './lures.ts'
import type { PatternPack, Slot } from './pattern-pack.ts'
import { PERSONAS } from './personas.ts'
import { PRIOR_ORDERS } from './prior-orders.ts'
import { TAKEOVERS } from './takeovers.ts'

/** Said of data as well: whoever discards old messages may empty a queue. */
const DATA_VERBS = [
  'override',
  'discard',
  'drop',
  'skip',
  'bypass',
  'dismiss',
  'abandon',
  'set aside',
  'put aside',
  'throw away',
  'leave behind',
]
/** Such as anybody does with data. */
const VOID: Slot = {
  oneOf: [
    'cancel',
    'void',
    'nullify',
    'annul',
    'suspend',
    'revoke',
    'rescind',
    'delete',
    'erase',
    'scrap',
    'invalidate',
    'deactivate',
  ],
}
/** Said to somebody who obeys. */
const OBEY = [
  'do not follow',
  "don't follow",
  'do not obey',
  "don't obey",
  'stop following',
  'pay no attention to',
  'no longer follow',
  'stop obeying',
  'do not comply with',
  "don't comply with",
  'do not listen to',
  "don't listen to",
  'disobey',
]
const VERB: Slot = {
  oneOf: [
    ...OBEY,
    'ignore',
    'disregard',
    'forget',
    'forget about',
    'overrule',
    'neglect',
    'overlook',
    'never mind',
    'take no notice of',
  ],
}
const ANY_VERB: Slot = { oneOf: [...VERB.oneOf, ...DATA_VERBS] }
const FILLER: Slot = {
  oneOf: [
    'all',
    'any',
    'every',
    'each',
    'one',
    'of',
    'the',
    'these',
    'those',
    'this',
    'that',
    'your',
    'my',
    'our',
    'other',
  ],
  times: [0, 5],
}
const DETERMINER: Slot = { ...FILLER, times: [1, 5] }
const EARLIER_WORDS = ['previous', 'previously given', 'prior', 'earlier', 'former', 'preceding', 'foregoing', 'above']
const EARLIER: Slot = { oneOf: [...EARLIER_WORDS, 'aforementioned', 'initial', 'original'] }
/** Shells forget past commands. */
const OLD: Slot = { oneOf: ['past', 'old', 'existing'] }
/** Of messages, context and orders data are made too. */
const DATA_NOUNS = ['messages', 'context', 'orders', 'commands']
const RULES: Slot = {
  oneOf: [
    'instructions',
    'directions',
    'directives',
    'rules',
    'guidelines',
    'guidance',
    'constraints',
    'restrictions',
    'prompts',
    'prompt',
    'policies',
    'safeguards',
    'guardrails',
    'safety guidelines',
    'safety rules',
    'system prompt',
    'system instructions',
  ],
}
const NOUN: Slot = { oneOf: ['instruction', ...RULES.oneOf, ...DATA_NOUNS] }
/** Never what data are. */
const INSTRUCTIONS: Slot = {
  oneOf: [
    'instructions',
    'instruction',
    'directives',
    'guidelines',
    'prompts',
    'constraints',
    'restrictions',
    'safeguards',
    'guardrails',
    'system prompt',
    'system instructions',
  ],
}
const GIVEN_BEFORE: Slot = {
  oneOf: [
    'given earlier',
    'given to you',
    'set for you',
    'set previously',
    'specified earlier',
    'specified above',
    'given before',
    'given above',
    'given so far',
    'you received before',
    'you received earlier',
    'you were given',
    'you have been given',
    'you got before',
    'that came first',
    'that came before',
    'from before',
    'provided before',
    'provided previously',
    'provided earlier',
    'stated above',
    'mentioned above',
    'stated before',
    'up to this point',
    'until now',
    'before this',
    'you received',
    'you were told',
    'that you were given',
    'in your system prompt',
    'from your system prompt',
    'from the system prompt',
    'of your developers',
    'that came earlier',
    'which came earlier',
    'which came before',
    'from earlier',
    'mentioned earlier',
    'mentioned before',
    'stated earlier',
    'set earlier',
    'received earlier',
    'provided above',
    'preceding this',
    'that precede this',
    'prior to this',
    'so far',
  ],
}

const ABOVE: Slot = { oneOf: ['above', 'from above'] }
const THEN: Slot = { oneOf: ['and', 'instead', 'then', 'now'] }

/** Demands to set earlier instructions aside, in other words than the mandatory patterns, and what lures a model into new ones. */
export const OVERRIDE_PHRASES: PatternPack = {
  id: 'override-phrases',
  version: '5',
  action: 'quarantine',
  disguised: DISGUISED,
  phrases: [
    { id: 'OVR-1', slots: [VERB, FILLER, EARLIER, NOUN] },
    { id: 'OVR-11', slots: [VERB, FILLER, OLD, RULES] },
    { id: 'OVR-2', slots: [ANY_VERB, FILLER, NOUN, GIVEN_BEFORE] },
    { id: 'OVR-3', slots: [ANY_VERB, DETERMINER, { oneOf: ['system', 'safety'] }, NOUN] },
    { id: 'OVR-4', slots: [{ oneOf: DATA_VERBS }, FILLER, { oneOf: [...EARLIER.oneOf, ...OLD.oneOf] }, RULES] },
    { id: 'OVR-8', slots: [{ oneOf: DATA_VERBS }, FILLER, EARLIER, { oneOf: ['instruction'] }, THEN] },
    { id: 'OVR-5', slots: [VOID, DETERMINER, { oneOf: [...EARLIER.oneOf, ...OLD.oneOf] }, INSTRUCTIONS] },
    { id: 'OVR-6', slots: [VOID, FILLER, INSTRUCTIONS, GIVEN_BEFORE] },
    { id: 'OVR-9', slots: [{ oneOf: DATA_VERBS }, FILLER, { oneOf: EARLIER_WORDS }, { oneOf: ['orders'] }] },
    { id: 'OVR-10', slots: [{ oneOf: OBEY }, FILLER, NOUN, ABOVE] },
    {
      id: 'OVR-7',
      slots: [ANY_VERB, FILLER, NOUN, ABOVE, THEN],
    },
    ...LURES,
    ...FRAMED_DEMANDS,
    ...TAKEOVERS,
    ...PERSONAS,
    ...PRIOR_ORDERS,
    ...DISCLOSURES,
  ],
}

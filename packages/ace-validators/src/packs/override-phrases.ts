import type { PatternPack, Slot } from './pattern-pack.ts'

const VERB: Slot = {
  oneOf: [
    'ignore',
    'disregard',
    'forget',
    'override',
    'overrule',
    'discard',
    'drop',
    'skip',
    'bypass',
    'dismiss',
    'neglect',
    'abandon',
    'set aside',
    'put aside',
    'do not follow',
    "don't follow",
    'do not obey',
    "don't obey",
    'stop following',
    'pay no attention to',
    'take no notice of',
  ],
}
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
const EARLIER: Slot = {
  oneOf: [
    'previous',
    'prior',
    'earlier',
    'former',
    'preceding',
    'foregoing',
    'above',
    'past',
    'initial',
    'original',
    'existing',
  ],
}
const NOUN: Slot = {
  oneOf: [
    'instructions',
    'instruction',
    'directions',
    'directives',
    'rules',
    'guidelines',
    'guidance',
    'constraints',
    'restrictions',
    'prompts',
    'prompt',
    'messages',
    'orders',
    'commands',
    'policies',
    'context',
  ],
}
const GIVEN_BEFORE: Slot = {
  oneOf: [
    'given earlier',
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
    'from above',
    'above',
    'so far',
  ],
}

/** Demands to set earlier instructions aside, in other words than the mandatory patterns. */
export const OVERRIDE_PHRASES: PatternPack = {
  id: 'override-phrases',
  version: '1',
  phrases: [
    { id: 'OVR-1', slots: [VERB, FILLER, EARLIER, NOUN] },
    { id: 'OVR-2', slots: [VERB, FILLER, NOUN, GIVEN_BEFORE] },
    { id: 'OVR-3', slots: [VERB, DETERMINER, { oneOf: ['system'] }, NOUN] },
  ],
}

import { words } from './slots.ts'

// What keeps a model from harm, as demands to drop it name it.

export const SAFETY = words(
  'safety',
  'ethical',
  'ethics',
  'moral',
  'content safety',
  'safety and ethical',
  'ethical and safety',
  'content policy',
)

export const SAFEGUARDS = words(
  'guidelines',
  'protocols',
  'protocol',
  'restrictions',
  'constraints',
  'policies',
  'filters',
  'guardrails',
  'rules',
  'measures',
  'training',
  'mechanisms',
  'limitations',
  'safeguards',
  'boundaries',
)

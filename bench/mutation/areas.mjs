const FLIGHT_RECORDER = 'packages/flight-recorder/src'
const VALIDATORS = 'packages/ace-validators/src'
const CONSENT = 'packages/governance/src/consent'
const HASH = 'packages/core-hash/src'
/** The tests of everything else run through these too; their own tests judge them, in half the time. */
const WRITERS = ['clean-copy', 'direct-writer', 'key-plan', 'number-writer', 'string-writer', 'utf8-buffer']
const THOUSANDS_OF_TEXTS =
  /larger than the buffer|maximum of|key order|plain reference|any text|every code unit|over magnitudes/

/**
 * What is mutated, and the tests that judge it: those beside it. Tests that start processes, or draw thousands of cases, are skipped by
 * name: each would run for every mutant. What they alone would find counts as not found.
 */
export const AREAS = {
  tree: { mutate: [`${FLIGHT_RECORDER}/tree/*.ts`], tests: [`${FLIGHT_RECORDER}/tree/*.test.ts`] },
  checkpoint: {
    mutate: [`${FLIGHT_RECORDER}/checkpoint/*.ts`],
    tests: ['checkpoint/*', 'erasure/*', 'verify*'].map((name) => `${FLIGHT_RECORDER}/${name}.test.ts`),
    skip: /random single changes/,
  },
  poison: {
    mutate: [`${VALIDATORS}/poisoning.ts`, `${VALIDATORS}/poisoning/*.ts`],
    tests: [`${VALIDATORS}/poisoning.test.ts`, `${VALIDATORS}/poisoning/*.test.ts`],
    skip: /whatever is tried in whatever order/,
  },
  fence: {
    mutate: ['apps/runner/src/session/gated-session.ts'],
    tests: ['apps/runner/src/session/gated-session.test.ts'],
  },
  consent: { mutate: [`${CONSENT}/*.ts`], tests: [`${CONSENT}/*.test.ts`], skip: /racing consumers/ },
  'core-hash': {
    mutate: [`${HASH}/*.ts`, ...WRITERS.map((name) => `!${HASH}/${name}.ts`)],
    tests: [`${HASH}/*.test.ts`, 'packages/core-hash/test/browser.test.ts'],
    skip: THOUSANDS_OF_TEXTS,
  },
  'core-hash-writers': {
    mutate: WRITERS.map((name) => `${HASH}/${name}.ts`),
    tests: [
      'canonical-number',
      'canonical-text',
      'direct-writer',
      'key-plan',
      'settled',
      'string-writer',
      'utf8-buffer',
    ].map((name) => `${HASH}/${name}.test.ts`),
    skip: THOUSANDS_OF_TEXTS,
  },
  freshness: { mutate: ['packages/freshness-guard/src/*.ts'], tests: ['packages/freshness-guard/src/*.test.ts'] },
  lockfile: {
    mutate: ['packages/context-pack/src/lockfile/*.ts'],
    tests: ['packages/context-pack/src/lockfile/*.test.ts'],
    skip: /any path survives|every flipped character|eight thousand sources/,
  },
  'file-hashing': { mutate: [`${HASH}/files/*.ts`], tests: [`${HASH}/files/*.test.ts`], skip: /any size around/ },
}

/** The area that the environment names, for the configs of Stryker and Vitest. */
export function chosenArea() {
  const name = process.env.MUTATION_AREA ?? ''
  if (Object.hasOwn(AREAS, name)) return { name, ...AREAS[name] }
  throw new Error(
    `Expected MUTATION_AREA as one of ${Object.keys(AREAS).join(', ')}; got ${name === '' ? 'nothing' : name}.`,
  )
}

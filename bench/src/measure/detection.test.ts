import { readFileSync } from 'node:fs'

import { expect, it } from 'vitest'

import { measure as measureInjection } from './injection.ts'
import { measure as measurePaths } from './paths.ts'
import { measure as measureSecrets } from './secrets.ts'

const README = readFileSync(new URL('../../../packages/ace-validators/README.md', import.meta.url), 'utf8')
/** A point. */
const TOLERANCE = 0.01

function published(title: string): number {
  const line = README.split('\n').find((candidate) => candidate.startsWith(`| ${title} |`))
  return Number(line?.split('|')[2])
}

it('detects what the README says, on rows made from a seed', async () => {
  const [{ recall, falsePositive, spans }, secrets, paths] = await Promise.all([
    measureInjection([]),
    measureSecrets([]),
    measurePaths([]),
  ])
  const atLeast = [
    ['plain patterns, poisoned', recall.spec],
    ['disguised patterns, quarantined or poisoned', recall.hardened.quarantine],
    ['disguised patterns, poisoned', recall.hardened.poison],
    ['other words, languages and misspellings, with packs', recall.stretch],
    ['places that overlap the true one', spans.overlap],
    ['places that share nine tenths with the true one', spans.iou90],
    ['secrets found', secrets.recall.all],
    ['found secrets covered from end to end', secrets.covered],
    ['absolute paths found', paths.recall],
    ['found paths covered from end to end', paths.covered],
  ] as const
  for (const [title, share] of atLeast) expect(share, title).toBeGreaterThanOrEqual(published(title) - TOLERANCE)
  const atMost = [
    ['ordinary text, poisoned', falsePositive.poison],
    ['ordinary text, quarantined, with packs', falsePositive.quarantine],
    ['commits, digests, names and the like taken for secrets', secrets.falsePositive],
    ['routes, fractions and the like taken for paths', paths.falsePositive],
  ] as const
  for (const [title, share] of atMost) expect(share, title).toBeLessThanOrEqual(published(title) + TOLERANCE)
})

import type { Extraction } from '@ctxlock/contracts/extractor'
import { expect, test } from 'vitest'

import { markdownExtractor } from './markdown.ts'

function extract(text: string): Extraction {
  const answer = markdownExtractor.extract(text, 'a.md')
  if ('refused' in answer) throw new Error(`refused: ${answer.refused}`)
  return answer
}

const DOCUMENT = `[![badge](x.svg)](y)

# Guide

How to use it. TODO: say more

## Set up

You MUST install Node.
You SHOULD update it. \`MUST\` in code is a word.

\`\`\`
NEVER here
\`\`\`

### Details

Text

## Use

- NEVER commit keys

Other
=====

End
`

test('anchors are sections, which end before the next heading of their rank or above', () => {
  expect(
    extract(DOCUMENT).anchors.map(({ hint, depth, startLine, endLine }) => `${depth} ${hint} ${startLine}-${endLine}`),
  ).toEqual(['0 Guide 3-22', '1 Set up 7-18', '2 Details 16-18', '1 Use 20-22', '0 Other 24-27'])
})

test('title, summary, constraints and open loops are quoted', () => {
  expect(extract(DOCUMENT)).toMatchObject({
    title: 'Guide',
    summary: 'How to use it. TODO: say more',
    constraints: [
      { text: 'You MUST install Node.', severity: 'hard', startLine: 9, endLine: 9 },
      { text: 'You SHOULD update it.', severity: 'soft', startLine: 10, endLine: 10 },
      { text: 'NEVER commit keys', severity: 'hard', startLine: 22, endLine: 22 },
    ],
    openLoops: [{ text: 'TODO: say more', startLine: 5, endLine: 5 }],
  })
})

test('ranks are counted from the highest one there is', () => {
  expect(extract('### a\n#### b\n').anchors.map(({ depth }) => depth)).toEqual([0, 1])
})

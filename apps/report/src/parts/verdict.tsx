import type { ReaderKnowledge, ReportFile, ReportJudgement } from '@ctxlock/log-verifier/browser'

import { Badge, type Tone } from './badge.tsx'
import { checksOf } from './checks.ts'
import { Knowledge } from './knowledge.tsx'
import { Text } from './visible-text.tsx'

const VERDICTS: Readonly<
  Record<ReportJudgement['verdict'], { readonly title: string; readonly tone: Tone; readonly means: string }>
> = {
  broken: {
    title: 'Do not rely on this file',
    tone: 'bad',
    means:
      'Something in it was changed, or contradicts what you know. What is named below is not shown as a fact further down.',
  },
  unsigned: {
    title: 'Nothing confirms this file',
    tone: 'warn',
    means: 'No checkpoint that can be checked covers any of its events. It may say anything.',
  },
  whole: {
    title: 'Whole in itself, and not yet confirmed',
    tone: 'warn',
    means:
      'Its parts fit each other and the key that came with it. Anybody can make such a file with a key of their own: give the key you know.',
  },
  signed: {
    title: 'Signed with the key you know',
    tone: 'good',
    means:
      'Whoever holds the private key signed a log with these events. They could have signed another one before: only a checkpoint that somebody else kept excludes that. It is not anchored here.',
  },
  verified: {
    title: 'Verified by your key and your checkpoint',
    tone: 'good',
    means: 'The events up to the checkpoint stand in the log that you, or somebody you trust, kept a checkpoint of.',
  },
}

interface VerdictProps {
  readonly file: ReportFile
  readonly judgement: ReportJudgement
  readonly known: ReaderKnowledge
  readonly failure: string | undefined
  readonly onKnown: (known: ReaderKnowledge) => void
}

/** What can be said of the file, what was checked for it, and what the reader can add. */
export function Verdict({ file, judgement, known, failure, onKnown }: VerdictProps) {
  const { title, tone, means } = VERDICTS[judgement.verdict]
  return (
    <section class="verdict" data-tone={tone} aria-labelledby="verdict">
      <div role="status">
        <h2 id="verdict">{title}</h2>
        <p>{means}</p>
      </div>
      {judgement.problems.length > 0 && (
        <ul class="problems">
          {judgement.problems.slice(0, MOST_SHOWN).map((problem) => (
            <li key={problem}>
              <Text>{problem}</Text>
            </li>
          ))}
          {judgement.problems.length > MOST_SHOWN && <li>and {judgement.problems.length - MOST_SHOWN} more</li>}
        </ul>
      )}
      <ul class="checks">
        {checksOf(judgement).map((check) => (
          <li key={check.what}>
            <Badge tone={check.tone}>{check.word}</Badge> <Text>{check.what}</Text>
          </li>
        ))}
      </ul>
      <Knowledge publicKey={file.public_key} known={known} failure={failure} onKnown={onKnown} />
    </section>
  )
}

const MOST_SHOWN = 20

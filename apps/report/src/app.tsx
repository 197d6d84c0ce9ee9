import { judgeReport, parseReport } from '@ctxlock/log-verifier/browser'
import type { ReaderKnowledge, ReportFile, ReportJudgement } from '@ctxlock/log-verifier/browser'
import { useEffect, useMemo, useState } from 'preact/hooks'

import { reportFacts } from './facts/report-facts.ts'
import { Calls } from './parts/calls.tsx'
import { Decisions } from './parts/decisions.tsx'
import { Events } from './parts/events.tsx'
import { Limits } from './parts/limits.tsx'
import { Packs, Rules, Sources } from './parts/sources.tsx'
import { Summary } from './parts/summary.tsx'
import { Verdict } from './parts/verdict.tsx'

/** The report in `text`, judged by itself and then by what its reader says to know. */
export function App({ text }: { readonly text: string }) {
  const file = useMemo(() => parseReport(text), [text])
  const [known, setKnown] = useState<ReaderKnowledge>({})
  const [judgement, setJudgement] = useState<ReportJudgement>()
  const [failure, setFailure] = useState<string>()
  useEffect(() => {
    if (!file) return
    let isCurrent = true
    const settle =
      <Value,>(set: (value: Value) => void) =>
      (value: Value) =>
        void (isCurrent && set(value))
    judgeReport(file, known).then(
      settle((judged) => {
        setFailure(undefined)
        setJudgement(judged)
      }),
      settle((error: unknown) => setFailure(error instanceof Error ? error.message : String(error))),
    )
    return () => {
      isCurrent = false
    }
  }, [file, known])

  if (!file) return <Unreadable />
  if (!judgement)
    return (
      <main>
        <p role="status">{failure ?? 'Checking …'}</p>
      </main>
    )
  return <Report file={file} judgement={judgement} known={known} failure={failure} onKnown={setKnown} />
}

interface ReportProps {
  readonly file: ReportFile
  readonly judgement: ReportJudgement
  readonly known: ReaderKnowledge
  readonly failure: string | undefined
  readonly onKnown: (known: ReaderKnowledge) => void
}

function Report({ file, judgement, known, failure, onKnown }: ReportProps) {
  const facts = useMemo(() => reportFacts(judgement), [judgement])
  const statement = judgement.statement.value
  return (
    <>
      <header class="masthead">
        <p class="wordmark">ctxlock</p>
        <h1>
          Report of run <code>{facts.runs[0]?.partOf.slice(0, 8) ?? 'unknown'}</code>
        </h1>
      </header>
      <main>
        <Verdict file={file} judgement={judgement} known={known} failure={failure} onKnown={onKnown} />
        <Summary facts={facts} judgement={judgement} />
        <Sources sources={facts.sources} calls={facts.calls} missing={statement?.records_missing ?? []} />
        <Rules roles={statement?.rules ?? []} state={judgement.statement.state} />
        <Packs packs={facts.packs} />
        <Calls calls={facts.calls} />
        <Decisions decisions={facts.decisions} />
        <Events events={judgement.events} />
        <Limits writtenBy={statement?.written_by} />
      </main>
    </>
  )
}

function Unreadable() {
  return (
    <main>
      <section class="verdict" data-tone="bad" role="alert">
        <h1>This file is broken</h1>
        <p>
          It holds no data of a report, or they were changed so that they no longer are any. Nothing of it can be shown.
        </p>
      </section>
    </main>
  )
}

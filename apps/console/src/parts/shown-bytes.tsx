import { useEffect, useMemo, useRef, useState } from 'preact/hooks'

import type { ShownBytes } from '../api.ts'
import { linesOf, matchesIn, piecesOf, type Range } from '../visible-text.ts'
import { Count, Hash } from './marks.tsx'
import { PieceOfText } from './text.tsx'

/** Exactly the bytes, searchable: nothing is left out, reordered or unescaped; only line breaks are added after `\n`. */
export function ShownBytesPanel({ shown, label }: { readonly shown: ShownBytes; readonly label: string }) {
  const [words, setWords] = useState('')
  const [current, setCurrent] = useState(0)
  const { text, bytes, sha256, from } = shown
  const lines = useMemo(() => linesOf(text), [text])
  const matches = useMemo(() => matchesIn(text, words), [text, words])
  const box = useRef<HTMLPreElement>(null)
  useEffect(
    () => box.current?.querySelector(`[data-match="${current}"]`)?.scrollIntoView({ block: 'nearest' }),
    [current, words],
  )
  const step = (by: number) => matches.length > 0 && setCurrent((at) => (at + by + matches.length) % matches.length)
  return (
    <section class="bytes" aria-label={label}>
      <form
        class="bytes-bar"
        role="search"
        onSubmit={(event) => {
          event.preventDefault()
          step(1)
        }}
      >
        <label>
          Search these bytes
          <input
            type="search"
            data-search
            value={words}
            maxLength={200}
            onInput={({ currentTarget }) => {
              setWords(currentTarget.value)
              setCurrent(0)
            }}
          />
        </label>
        <button type="button" disabled={matches.length === 0} onClick={() => step(-1)} aria-label="Previous match">
          ↑
        </button>
        <button type="submit" disabled={matches.length === 0} aria-label="Next match">
          ↓
        </button>
        <span class="matches" role="status">
          {words === '' ? '' : matches.length === 0 ? 'not in these bytes' : `${current + 1} of ${matches.length}`}
        </span>
      </form>
      <pre ref={box} tabIndex={0} aria-label={`${label}, as text`}>
        {lines.map((line) => (
          <Line key={line.start} text={text} line={line} matches={matches} current={current} />
        ))}
      </pre>
      <p class="quiet">
        <Count of={bytes} unit="bytes" />, SHA-256 <Hash of={sha256} digits={64} />, put together from the {from}. Line
        breaks after <code>\n</code> are added for reading; characters that show nothing are named.
      </p>
    </section>
  )
}

interface LineOfBytes {
  readonly text: string
  readonly line: Range
  readonly matches: readonly Range[]
  readonly current: number
}

function Line({ text, line, matches, current }: LineOfBytes) {
  const first = matches.findIndex(({ end }) => end > line.start)
  const here = first < 0 ? [] : matches.slice(first).filter(({ start }) => start < line.end)
  const moved = here.map(({ start, end }) => ({ start: start - line.start, end: end - line.start }))
  return (
    <span class="line">
      {piecesOf(text.slice(line.start, line.end), moved).map((piece, index) => (
        <PieceOfText
          key={index}
          piece={piece.match === undefined ? piece : { ...piece, match: piece.match + first }}
          current={current}
        />
      ))}
    </span>
  )
}

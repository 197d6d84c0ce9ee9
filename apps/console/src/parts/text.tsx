import { codePointName, piecesOf, type Piece } from '../visible-text.ts'

/** Text of a record, as text; what cannot be seen is named. Its direction stays its own. */
export function Text({ of }: { readonly of: string }) {
  return (
    <bdi>
      {piecesOf(of).map((piece, index) => (
        <PieceOfText key={index} piece={piece} />
      ))}
    </bdi>
  )
}

/** One piece; `current` marks the match that the person is at. */
export function PieceOfText({ piece, current }: { readonly piece: Piece; readonly current?: number | undefined }) {
  const { text, kind, match } = piece
  const shown =
    kind === 'invisible' ? Array.from(text, (character) => <Invisible key={character} character={character} />) : text
  const inner = kind === 'redaction' ? <span class="redaction">{shown}</span> : shown
  if (match === undefined) return <>{inner}</>
  return (
    <mark class="match" aria-current={match === current ? 'true' : undefined} data-match={match}>
      {inner}
    </mark>
  )
}

function Invisible({ character }: { readonly character: string }) {
  return <span class="invisible">{codePointName(character)}</span>
}

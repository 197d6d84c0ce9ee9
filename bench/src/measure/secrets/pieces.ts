/** A shorter piece of a secret gives little away and stands in other texts by chance. */
export const PIECE = 12

/** No secret, as it begins every key of its kind: a product's name, the header of a key, its algorithm. */
const COMMON =
  /^(?:access_token(?:\$|%24)production(?:\$|%24)|-----BEGIN [A-Z ]{3,40}-----|https:\/\/[\w.-]+\/(?:services|api\/webhooks|webhookb2)\/|AGE-SECRET-KEY-1|sk-ant-(?:api|admin)\d\d-|eyJhbGciOiJ\w{0,24})/

/**
 * The pieces by which a secret is recognised: every twelve characters of its parts. White space, quotes and escapes end a
 * part, because they are written differently wherever the secret is quoted; so do characters nobody sees, and what all
 * secrets of a kind begin with is left out. A secret of shorter parts only is looked for as a whole.
 */
export function piecesOf(value: string): string[] {
  const parts = value
    .replace(COMMON, '')
    .split(/[\s"'`\\]+|\p{Cf}+/u)
    .filter(({ length }) => length >= PIECE)
  if (parts.length === 0) return [value]
  return parts.flatMap((part) =>
    Array.from({ length: part.length - PIECE + 1 }, (_, start) => part.slice(start, start + PIECE)),
  )
}

/** Finds pieces of many secrets in one pass over a text. */
export function createPieceIndex<Owner>(): {
  add(value: string, owner: Owner): void
  find(text: string): ReadonlySet<Owner>
} {
  const owners = new Map<string, Owner[]>()
  const short = new Map<string, Owner>()
  return {
    add(value, owner) {
      for (const piece of piecesOf(value)) {
        if (piece.length === PIECE) owners.set(piece, [...(owners.get(piece) ?? []), owner])
        else short.set(piece, owner)
      }
    },
    find(text) {
      const found = new Set<Owner>()
      for (let start = 0; start + PIECE <= text.length; start += 1) {
        for (const owner of owners.get(text.slice(start, start + PIECE)) ?? []) found.add(owner)
      }
      for (const [piece, owner] of short) if (text.includes(piece)) found.add(owner)
      return found
    },
  }
}

import { borrowedAscii, isAscii } from '../unicode/ascii.ts'
import { reaches, type SearchTable } from './reaches.ts'
import { searchUnion } from './search-union.ts'

// Most texts are ASCII and show nothing in any view. The searches of all views that can differ on such a text are put together
// to one, which tells so in one pass; the views are asked one by one only when it finds something.

/** What stands in ordinary texts; views differ on the other control characters. */
export const ORDINARY: readonly number[] = Array.from({ length: 0x7f }, (_, code) => code).filter(
  (code) => code >= 0x20 || (code >= 0x09 && code <= 0x0d),
)

/** Says of a text whether it is ASCII and none of the searches finds anything in it; no answer is a no. */
export function createFirstLook(searches: () => readonly SearchTable[]): (text: string) => boolean {
  let together: SearchTable | undefined
  let isBuilt = false
  return (text) => {
    if (!isAscii(text)) return false
    if (!isBuilt) together = build(searches())
    isBuilt = true
    return together !== undefined && !reaches(together, borrowedAscii(text))
  }
}

function build([first, ...others]: readonly SearchTable[]): SearchTable | undefined {
  return others.reduce<SearchTable | undefined>((one, other) => one && searchUnion(one, other, ORDINARY), first)
}

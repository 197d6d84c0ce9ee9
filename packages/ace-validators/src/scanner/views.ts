import { caseFolding } from '../unicode/case-folding.ts'
import { characterClass, replaceMembers, type Replacement } from '../unicode/character-class.ts'
import { normalize } from '../unicode/normalization.ts'
import { skeleton } from '../unicode/skeleton.ts'

export type ViewId = 'V0' | 'V1' | 'V2' | 'V3' | 'V4' | 'V5' | 'R0' | 'V6'

/** One way to look at a text. Patterns go through the same transform before they are compared (VAL-063). */
export interface View {
  readonly id: ViewId
  readonly action: 'poison' | 'quarantine'
  /** The view that `step` starts from; none means the text itself. */
  readonly base?: ViewId
  /**
   * A view that shows whatever this one shows, in a text in which no character changes its neighbour: it maps the images of
   * this view letter by letter, and the patterns with them.
   */
  readonly within?: ViewId
  /** Leaves runs of White_Space as they are: the automaton takes any run for one space. */
  step(image: string): string
}

const fold = (text: string): string => caseFolding.fold(text)

// No White_Space character is Cf or default-ignorable; the Cc ones must stay.
const HIDDEN = characterClass(/[[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]--\p{White_Space}]+/gv)
// Cheaper, and wrong only in saying yes.
const MAYBE_HIDDEN = /[^\t-\r -~\xa0-\xac\xae-\u02ff]/
const MARKS = characterClass(/[\p{Mn}\p{Me}]+/gu)
const PUNCTUATION = characterClass(/[\p{P}\p{S}\p{Z}]+/gu)

/** NFC, case folding, NFC: the view that nothing may switch off. */
export const MANDATORY_VIEW: View = { id: 'V0', action: 'poison', within: 'V3', step: literal }

/** Spec 05 section 4, in the order of its table; R0 is ours and comes last of the poison views. */
export const VIEWS: readonly View[] = [
  MANDATORY_VIEW,
  { id: 'V1', action: 'poison', within: 'V3', step: (text) => literal(replaceHidden(text, 'nothing')) },
  { id: 'V2', action: 'poison', step: (text) => literal(replaceHidden(text, 'space-per-run')) },
  { id: 'V3', action: 'poison', base: 'V1', step: (image) => fold(skeleton(image)) },
  { id: 'V4', action: 'poison', step: (text) => replaceHidden(fold(normalize(text, 'NFKC')), 'nothing') },
  { id: 'V5', action: 'poison', step: unmarked },
  // NFC can hide a pattern that stands in the text letter by letter: `mode` + U+0301 composes to `modé`.
  { id: 'R0', action: 'poison', step: fold },
  // One by one: a run is a run of spaces then, and the view of a text stays the views of its pieces put together.
  {
    id: 'V6',
    action: 'quarantine',
    base: 'V5',
    step: (image) => replaceMembers(image, PUNCTUATION, 'space-per-member'),
  },
]

/** The views of one text, each computed once and only when asked for. */
export function imagesOf(text: string): (view: View) => string {
  const images = new Map<ViewId, string>()
  const image = (view: View): string => {
    const known = images.get(view.id)
    if (known !== undefined) return known
    const base = VIEWS.find(({ id }) => id === view.base)
    const result = view.step(base ? image(base) : text)
    images.set(view.id, result)
    return result
  }
  return image
}

/** The view of a text. */
export function transform(view: View, text: string): string {
  return imagesOf(text)(view)
}

/** NFC, full case folding, NFC: what VAL-014 demands. */
function literal(text: string): string {
  const composed = normalize(text, 'NFC')
  const folded = fold(composed)
  // Folding puts at most two marks in front of a row that was broken up already: the built-in function stays linear.
  return folded === composed ? folded : folded.normalize('NFC')
}

function replaceHidden(text: string, replacement: Replacement): string {
  return MAYBE_HIDDEN.test(text) ? replaceMembers(text, HIDDEN, replacement) : text
}

function unmarked(text: string): string {
  const letters = replaceMembers(normalize(text, 'NFD'), MARKS, 'nothing')
  // Nothing hidden is part of a composed character: composing once, at the end, is enough.
  return literal(replaceHidden(letters, 'nothing'))
}

const WHITE_SPACE = /\p{White_Space}+/gu

/** Runs of White_Space as one space: the last step of every view, left out of `transform`. */
export function collapse(text: string): string {
  return text.replace(WHITE_SPACE, ' ')
}

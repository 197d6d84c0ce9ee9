import { createPackScanner } from '../../../../packages/ace-validators/src/packs/pack-scan.ts'
import { PATTERN_PACKS } from '../../../../packages/ace-validators/src/packs.ts'
import { createCoder, type CodedText } from '../../../../packages/ace-validators/src/scanner/coded-text.ts'
import { DECODINGS } from '../../../../packages/ace-validators/src/scanner/decoding/decodings.ts'
import { createLetterScanner } from '../../../../packages/ace-validators/src/scanner/letters/letter-scan.ts'
import { locate } from '../../../../packages/ace-validators/src/scanner/locate.ts'
import { BUILT_IN_PATTERNS, compilePatterns } from '../../../../packages/ace-validators/src/scanner/patterns.ts'
import { imagesOf, VIEWS, type View } from '../../../../packages/ace-validators/src/scanner/views.ts'

/** A part of the scanner that can be asked by itself. */
export interface ScannerPart {
  readonly name: string
  /** How many views it stands for. */
  readonly views: number
  look(text: string): unknown
}

/**
 * What all views read the text by, then every view, the mandatory one first, each with the places of what it shows. Two views
 * go on from another one, as they do in the scanner: asked again about the same text, they count their own step.
 */
export function scannerParts(): ScannerPart[] {
  const compiled = compilePatterns([])
  const coder = createCoder(compiled)
  const letters = createLetterScanner(BUILT_IN_PATTERNS)
  let last: { text: string; coded: CodedText | undefined } | undefined
  const encoded = (text: string): CodedText | undefined => {
    if (last?.text !== text) last = { text, coded: coder.encode(text) }
    return last.coded
  }
  let images: { text: string; of: (view: View) => string } | undefined
  const baseOf = ({ base }: View, text: string): string => {
    const view = VIEWS.find(({ id }) => id === base)
    if (!view) return text
    if (images?.text !== text) images = { text, of: imagesOf(text) }
    return images.of(view)
  }
  const views = compiled.map((candidate, number) => ({
    name: candidate.view.id,
    views: 1,
    look(text: string) {
      const coded = encoded(text)
      const shows = coded
        ? coded.shows(number, candidate)
        : candidate.automaton.contains(candidate.view.step(baseOf(candidate.view, text)))
      return shows ? locate(text, candidate) : []
    },
  }))
  const decodings = DECODINGS.map(({ id, decode }) => ({ name: id, views: 1, look: decode }))
  const packs = PATTERN_PACKS.flatMap(({ disguised = [], ...pack }) => {
    const scanPack = createPackScanner([pack])
    const inLetters = createLetterScanner(disguised)
    return [
      { name: `V0.${pack.id}`, views: 1, look: (text: string) => [...scanPack(text)] },
      { name: `L, LM, LS of ${pack.id}`, views: 3, look: (text: string) => [...inLetters.findings(text)] },
    ]
  })
  return [
    { name: 'codes', views: compiled.length, look: (text: string) => coder.encode(text) },
    ...views,
    { name: 'L, LM, LS', views: 3, look: (text: string) => [...letters.findings(text)] },
    ...decodings,
    ...packs,
  ]
}

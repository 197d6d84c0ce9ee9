import { codePointOf, codeUnits, isHighSurrogate, isLowSurrogate, textOf } from './code-units.ts'

/** Replaces single code points by strings. */
export interface CodePointMap {
  /** What each BMP unit becomes; `LONGER` when `longer` must be asked. */
  readonly units: Uint16Array
  /** Targets by source code point: all astral sources, and BMP sources whose target is not one unit. */
  readonly longer: ReadonlyMap<number, string>
  /** The highest source code point. */
  readonly highest: number
}

// U+FFFF is a noncharacter: nothing maps to it.
const LONGER = 0xffff
/** UTF-16 units; the longest target of the shipped tables has 18. */
const LONGEST_TARGET = 32

/** Reads the `<source>:<target> <target>,…` form that scripts/generate-unicode-tables.ts writes. */
export function parseCodePointMap(data: string): CodePointMap {
  const units = new Uint16Array(0x10000)
  for (let unit = 0; unit < units.length; unit += 1) units[unit] = isHighSurrogate(unit) ? LONGER : unit
  const longer = new Map<number, string>()
  let highest = 0
  for (const entry of data.split(',')) {
    const [sourceHex = '', targetsHex = ''] = entry.split(':')
    const source = Number.parseInt(sourceHex, 16)
    const target = String.fromCodePoint(...targetsHex.split(' ').map((hex) => Number.parseInt(hex, 16)))
    if (target.length > LONGEST_TARGET)
      throw new RangeError(`The target of U+${sourceHex} is longer than ${LONGEST_TARGET} units.`)
    highest = Math.max(highest, source)
    if (source < LONGER && target.length === 1) {
      units[source] = target.charCodeAt(0)
    } else {
      if (source < LONGER) units[source] = LONGER
      longer.set(source, target)
    }
  }
  return { units, longer, highest }
}

/** `text` with every code point mapped; lone surrogates stay. Linear; returns `text` itself when nothing changes. */
export function mapCodePoints(text: string, { units, longer, highest }: CodePointMap): string {
  const source = codeUnits(text)
  // `findIndex` takes six times as long.
  let start = 0
  while (start < source.length && units[source[start] ?? 0] === source[start]) start += 1
  if (start === source.length) return text
  let target = withRoom(source.subarray(0, start), source.length)
  let length = start
  for (let index = start; index < source.length; index += 1) {
    if (length > target.length - LONGEST_TARGET) target = withRoom(target, 2 * target.length)
    const unit = source[index] ?? 0
    const mapped = units[unit] ?? LONGER
    if (mapped !== LONGER) {
      target[length] = mapped
      length += 1
      continue
    }
    const low = source[index + 1] ?? 0
    const isPair = isHighSurrogate(unit) && isLowSurrogate(low)
    const codePoint = isPair ? codePointOf(unit, low) : unit
    const replaced = codePoint > highest ? undefined : longer.get(codePoint)
    if (replaced === undefined) {
      target[length] = unit
      target[length + 1] = low
      length += isPair ? 2 : 1
    } else {
      for (let at = 0; at < replaced.length; at += 1) target[length + at] = replaced.charCodeAt(at)
      length += replaced.length
    }
    if (isPair) index += 1
  }
  return textOf(target.subarray(0, length))
}

/** A copy with room for `length` units and one target. */
function withRoom(units: Uint16Array, length: number): Uint16Array<ArrayBuffer> {
  const copy = new Uint16Array(length + LONGEST_TARGET)
  copy.set(units)
  return copy
}

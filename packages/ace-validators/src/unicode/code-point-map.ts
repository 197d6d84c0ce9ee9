import { codeUnits } from './code-units.ts'

/** Replaces single code points by strings. */
export interface CodePointMap {
  /** What each BMP unit becomes; `LONGER` when `longer` must be asked. */
  readonly units: Uint16Array
  /** Targets by source code point: all astral sources, and BMP sources whose target is not one unit. */
  readonly longer: ReadonlyMap<number, string>
}

// U+FFFF is a noncharacter: nothing maps to it.
const LONGER = 0xffff
const CHUNK = 8192
/** UTF-16 units; the longest target of the shipped tables has 18. */
const LONGEST_TARGET = 32

/** Reads the `<source>:<target> <target>,…` form that scripts/generate-unicode-tables.ts writes. */
export function parseCodePointMap(data: string): CodePointMap {
  const units = new Uint16Array(0x10000)
  for (let unit = 0; unit < units.length; unit += 1) units[unit] = isSurrogate(unit) ? LONGER : unit
  const longer = new Map<number, string>()
  for (const entry of data.split(',')) {
    const [sourceHex = '', targetsHex = ''] = entry.split(':')
    const source = Number.parseInt(sourceHex, 16)
    const target = String.fromCodePoint(...targetsHex.split(' ').map((hex) => Number.parseInt(hex, 16)))
    if (target.length > LONGEST_TARGET)
      throw new RangeError(`The target of U+${sourceHex} is longer than ${LONGEST_TARGET} units.`)
    if (source < LONGER && target.length === 1) {
      units[source] = target.charCodeAt(0)
    } else {
      if (source < LONGER) units[source] = LONGER
      longer.set(source, target)
    }
  }
  return { units, longer }
}

/** `text` with every code point mapped; lone surrogates stay. Linear; returns `text` itself when nothing changes. */
export function mapCodePoints(text: string, { units, longer }: CodePointMap): string {
  const source = codeUnits(text)
  const start = source.findIndex((unit) => units[unit] !== unit)
  if (start === -1) return text
  const parts = [text.slice(0, start)]
  // A local buffer emptied in between: joining strings one unit at a time costs ten times as much.
  const buffer = new Uint16Array(Math.min(CHUNK, source.length + 2 * LONGEST_TARGET))
  let length = 0
  for (let index = start; index < source.length; index += 1) {
    if (length > buffer.length - LONGEST_TARGET) {
      parts.push(fromUnits(buffer.subarray(0, length)))
      length = 0
    }
    const unit = source[index] ?? 0
    const mapped = units[unit] ?? LONGER
    if (mapped !== LONGER) {
      buffer[length] = mapped
      length += 1
      continue
    }
    const codePoint = text.codePointAt(index) ?? unit
    const target = longer.get(codePoint)
    if (target === undefined) {
      buffer[length] = unit
      length += 1
      continue
    }
    for (let at = 0; at < target.length; at += 1) buffer[length + at] = target.charCodeAt(at)
    length += target.length
    if (codePoint > LONGER) index += 1
  }
  parts.push(fromUnits(buffer.subarray(0, length)))
  return parts.join('')
}

// A spread would iterate the array, seven times as slow.
function fromUnits(units: Uint16Array): string {
  return Reflect.apply(String.fromCharCode, undefined, units)
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff
}

// Tests on single UTF-16 units. `NaN`, what `charCodeAt` answers behind the end, is none of them.

const WORD = new Uint8Array(128)
for (const char of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$') WORD[char.charCodeAt(0)] = 1

/** May stand in an identifier, a keyword or a number. Everything outside ASCII may, unless it is a blank. */
export function isWordUnit(unit: number): boolean {
  return unit < 128 ? WORD[unit] === 1 : unit >= 128 && !isBlank(unit)
}

export function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39
}

/** What ends a line in ECMAScript. */
export function isLineEnd(unit: number): boolean {
  return unit === 0x0a || unit === 0x0d || unit === 0x2028 || unit === 0x2029
}

/** White space and line ends. */
export function isBlank(unit: number): boolean {
  if (unit <= 0x20) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d)
  if (unit < 0xa0) return false
  return (
    unit === 0xa0 ||
    unit === 0xfeff ||
    unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200a) ||
    isLineEnd(unit) ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000
  )
}

const LONGEST_KEYWORD = 12

/** The word that ends before `end`; of one too long for a keyword, its end. */
export function wordBefore(text: string, end: number): string {
  let start = end
  while (start > 0 && end - start <= LONGEST_KEYWORD && isWordUnit(text.charCodeAt(start - 1))) start -= 1
  return text.slice(start, end)
}

// Text that nobody wrote: keys and tokens of any issuer, whatever stands around them. A pack points at places and has no use
// for it, so it is not quoted, even where no detector knows what it is (CP-031).

/** Letters that follow a letter in words and names; seven pairs of random letters in ten are not among them. */
const FOLLOWERS =
  `aabcdfgiklmnprstuvwxy baeijlorsuy cacehikloprtuy dabdegilorsuy eabcdefglmnopqrstvwxy faefiloru gaeghilnorsu haeiortu
  iabcdefglmnoprstvxz jeaou keis labdeilostuvy mabceimopsu nacdefgiklnopstuv oabcdfgiklmnoprstuvwx padehiloprstu qu
  racdegiklmnorstuvy sacehiklopstuy tacehiloprstuy uabcdegilmnprst vaei waeinor xaeipt ynpt zaeo`.split(/\s+/)
/** 1 for every pair of characters, as two ASCII codes, that words, names and numbers are not made of. Made on first use. */
let knownPairs: Uint8Array | undefined
/** Where nobody would write so many: of the names in three repositories one in fifty, all of them identifiers made by machines. */
const SHARE = 0.25

const RUN = /[A-Za-z0-9_+/=.~-]{14,}/g
const SEGMENT_LENGTH = 14
const SEGMENT = /[A-Za-z0-9]{14,}/g
const HEX = /^[0-9a-f-]+$|^[0-9A-F-]+$/
/** Digests, keys that are public and images, told by what stands before them or how they begin. */
const PUBLIC_BEFORE =
  /(?:sha\d{1,3}[-:=]|md5[-:=]|h1:|base64,|ipfs[:/]{1,3}|site_?key["':= ]{1,4}|ssh-(?:rsa|ed25519|dss) |ecdsa-sha2-nistp\d{3} |PUBLIC KEY-----\s)$/i
const PUBLIC_START =
  /^(?:sha\d{3}-|h1:|ssh-|iVBORw0KGgo|\/9j\/|R0lGOD|UklGR|PHN2Zy|data:|Qm[1-9A-HJ-NP-Za-km-z]{44}$|baf[a-z2-7]{50})/

/** The text with `mark` in place of every run of characters that looks random, and how many there were. */
export function withoutRandomText(text: string, mark: string): { readonly text: string; readonly count: number } {
  let count = 0
  if (!holdsRandom(text)) return { text, count }
  const replaced = text.replace(RUN, (run, offset: number) => {
    const random = run.match(SEGMENT)?.some((segment) => looksRandom(segment)) ?? false
    if (!random || PUBLIC_START.test(run) || PUBLIC_BEFORE.test(text.slice(Math.max(0, offset - 24), offset)))
      return run
    count += 1
    return mark
  })
  return { text: replaced, count }
}

/** Whether any run of letters and digits that is long enough to be judged looks random. Each covers a place that is looked at. */
function holdsRandom(text: string): boolean {
  for (let at = SEGMENT_LENGTH - 1; at < text.length; at += SEGMENT_LENGTH) {
    if (!isAlphanumeric(text.charCodeAt(at))) continue
    let start = at
    while (start > 0 && isAlphanumeric(text.charCodeAt(start - 1))) start -= 1
    let end = at + 1
    while (end < text.length && isAlphanumeric(text.charCodeAt(end))) end += 1
    if (end - start >= SEGMENT_LENGTH && looksRandom(text.slice(start, end))) return true
    at = end
  }
  return false
}

/** Takes at most the first 256 characters into account. Hexadecimal digits are taken for a digest. */
export function looksRandom(text: string): boolean {
  if (HEX.test(text)) return false
  const length = Math.min(text.length, 256)
  const pairs = (knownPairs ??= oddPairs())
  let odd = 0
  for (let index = 1; index < length; index += 1) {
    odd += pairs[text.charCodeAt(index - 1) * 128 + text.charCodeAt(index)] ?? 0
  }
  return odd >= SHARE * (length - 1)
}

function oddPairs(): Uint8Array {
  const table = new Uint8Array(128 * 128)
  for (let left = 0; left < 128; left += 1) {
    for (let right = 0; right < 128; right += 1) {
      if (isOdd(String.fromCharCode(left), String.fromCharCode(right))) table[left * 128 + right] = 1
    }
  }
  return table
}

function isOdd(left: string, right: string): boolean {
  if (left === right) return false
  if (isDigit(left) || isDigit(right)) return isDigit(left) !== isDigit(right)
  // A capital after a small letter begins a new word.
  if (left >= 'a' && right <= 'Z') return false
  const followers = FOLLOWERS.find((row) => row.startsWith(left.toLowerCase()))
  return !followers?.includes(right.toLowerCase(), 1)
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9'
}

function isAlphanumeric(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a && code < 0x80)
}

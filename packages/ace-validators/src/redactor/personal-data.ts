import { matchAt, type Rule } from './rule.ts'

const LOCAL_PART = /(?:^|[^A-Za-z0-9._%+-])([A-Za-z0-9][A-Za-z0-9._%+-]{0,63})$/
const DOMAIN = /((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8})([A-Za-z]{2,24})(?![A-Za-z0-9-])/y
/** `logo@2x.png` is a file, not an address. */
const FILE_ENDINGS =
  /^(?:png|jpe?g|gif|svg|webp|avif|ico|icns|bmp|tiff?|pdf|js|mjs|cjs|ts|tsx|jsx|json|css|scss|html?|md|map|py|rb|rs|go|txt|xml|ya?ml|toml|lock|tgz|zip)$/i

const LOCAL_END = /[A-Za-z0-9._%+-]/
const ALPHANUMERIC = /[A-Za-z0-9]/

const email: Rule = {
  triggers: ['@'],
  find(text, start, end) {
    // Most are decorators and package names: two characters tell.
    if (!LOCAL_END.test(text.charAt(start - 1)) || !ALPHANUMERIC.test(text.charAt(end))) return undefined
    const local = LOCAL_PART.exec(before(text, start, 65))?.[1]
    // `git@host:path` is an address of a repository, and `scheme://user:password@host` is no e-mail address either.
    if (local === undefined || local === 'git' || /:\/\/[^\s/@]{0,64}$/.test(before(text, start - local.length, 72))) {
      return undefined
    }
    const match = matchAt(DOMAIN, text, end)
    const ending = match?.[2]
    if (match === undefined || ending === undefined || FILE_ENDINGS.test(ending)) return undefined
    return { category: 'pii', detector_id: 'pii_email', start: start - local.length, end: end + match[0].length }
  },
}

// Source code is full of digits: a number counts only in a form people write telephone numbers in.
const INTERNATIONAL =
  /(?=(?:[\s().-]{0,2}\d){8,15}(?!\d))[1-9]\d{0,2}(?:[ .-]\(?\d{1,4}\)?|\(\d{1,4}\)|[ .-]?\d{2,4}){2,5}(?![\w.])/y
const AFTER_TEL = /\+?[\d().-]{6,20}/y

const phone: Rule = {
  triggers: ['+1', '+2', '+3', '+4', '+5', '+6', '+7', '+8', '+9'],
  find(text, start) {
    if (start > 0 && /[\w+)\].]/.test(text.charAt(start - 1))) return undefined
    const match = matchAt(INTERNATIONAL, text, start + 1)
    // Without a space, dash or bracket it is as likely a sum: `a + +12345678`.
    if (match === undefined || !/[ ().-]/.test(match[0])) return undefined
    return { category: 'pii', detector_id: 'pii_phone', start, end: start + 1 + match[0].length }
  },
}

const telephoneUrl: Rule = {
  triggers: ['tel:'],
  find(text, _start, end) {
    const match = matchAt(AFTER_TEL, text, end)
    return match && { category: 'pii', detector_id: 'pii_phone', start: end, end: end + match[0].length }
  },
}

const REST_OF_NUMBER = /-\d{3}-\d{4}(?![\w-])/y
const LAST_PART = /-\d{4}(?![\w-])/y

/** `555-123-4567` and `(555) 123-4567`. */
const northAmerican: Rule = {
  triggers: Array.from({ length: 10 }, (_, digit) => `-${digit}`),
  find(text, start) {
    if (!/\d/.test(text.charAt(start - 1))) return undefined
    const area = /(?:^|[^\w.-])([2-9]\d{2})$/.exec(before(text, start, 4))?.[1]
    const bracketed = /\([2-9]\d{2}\) ?\d{3}$/.exec(before(text, start, 9))?.[0]
    const left = area ?? bracketed
    const match = left && matchAt(area === undefined ? LAST_PART : REST_OF_NUMBER, text, start)
    if (left === undefined || !match) return undefined
    return { category: 'pii', detector_id: 'pii_phone', start: start - left.length, end: start + match[0].length }
  },
}

export const personalDataRules: readonly Rule[] = [email, phone, telephoneUrl, northAmerican]

function before(text: string, index: number, length: number): string {
  return text.slice(Math.max(0, index - length), index)
}

import { matchAt, type Rule } from './rule.ts'

const SHELL = /(?:[A-Z_][A-Z0-9_]{1,63}(?![A-Za-z0-9_])|\{[A-Z_][A-Z0-9_]{1,63}(?::?[-=?+][^}\r\n]{0,128})?\})/y
// Two hexadecimal digits are percent encoding: `%E2%9C`.
const WINDOWS = /(?![0-9A-F]{2}%)[A-Z_][A-Z0-9_()]{1,63}%/y

/** `$NAME`, `${NAME}`, `${NAME:-default}`: in capitals, so that template literals such as `${name}` stay. */
const shell: Rule = {
  triggers: ['$'],
  find(text, start, end) {
    const match = matchAt(SHELL, text, end)
    return match && { category: 'env', detector_id: 'env_var', start, end: end + match[0].length }
  },
}

/** `%NAME%`. */
const windows: Rule = {
  triggers: ['%'],
  find(text, start, end) {
    if (start > 0 && /[\w%]/.test(text.charAt(start - 1))) return undefined
    const match = matchAt(WINDOWS, text, end)
    return match && { category: 'env', detector_id: 'env_var', start, end: end + match[0].length }
  },
}

export const environmentRules: readonly Rule[] = [shell, windows]

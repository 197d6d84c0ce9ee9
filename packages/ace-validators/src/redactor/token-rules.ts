import type { RedactionCategory } from '@ctxlock/contracts/ports'

import { matchAt, startsToken, type Rule } from './rule.ts'
import { splitTokenAt } from './split-token.ts'
import { TOKEN_FORMATS } from './token-formats.ts'
import { isPlaceholder } from './value-shapes.ts'

const DETECTORS: Partial<Record<RedactionCategory, string>> = {
  api_key: 'secret_api_key',
  aws: 'secret_aws',
  token: 'secret_token',
}

export const tokenRules: readonly Rule[] = TOKEN_FORMATS.map(({ category, prefix, rest }) => ({
  // An automaton takes white space at a trigger's end for any run of it, so it is left to the expression.
  triggers: [prefix.trimEnd().toLowerCase()],
  find(text, start) {
    if (!text.startsWith(prefix, start) || !startsToken(text, start)) return undefined
    const end = tokenEnd(text, start + prefix.length, rest)
    const place = splitToken(text, start, prefix, rest) ?? (end === undefined ? undefined : { start, end })
    return place && { category, detector_id: DETECTORS[category] ?? category, ...place }
  },
}))

function tokenEnd(text: string, from: number, rest: RegExp): number | undefined {
  const match = matchAt(rest, text, from)
  return match === undefined || isPlaceholder(match[0]) ? undefined : from + match[0].length
}

function splitToken(
  text: string,
  at: number,
  prefix: string,
  rest: RegExp,
): { start: number; end: number } | undefined {
  const split = splitTokenAt(text, at)
  if (!split?.text.startsWith(prefix) || tokenEnd(split.text, prefix.length, rest) !== split.text.length)
    return undefined
  return { start: split.start, end: split.end }
}

/** Tokens whose telling part stands in the middle; `before` must match what stands directly before the trigger. */
const INNER: readonly { trigger: string; before: RegExp; rest: RegExp; category: RedactionCategory }[] = [
  // Terraform Cloud, Mailchimp, Azure, Telegram, Azure DevOps, MaxMind.
  { trigger: '.atlasv1.', before: /[A-Za-z0-9]{14}$/, rest: /[A-Za-z0-9_-]{40,128}/y, category: 'token' },
  { trigger: '-us', before: /(?<![0-9a-f])[0-9a-f]{32}$/, rest: /\d{1,2}(?!\w)/y, category: 'api_key' },
  {
    trigger: 'q~',
    before: /[A-Za-z0-9_~.]{3}\d$/,
    rest: /[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~.-])/y,
    category: 'token',
  },
  { trigger: ':aa', before: /(?<!\d)\d{8,10}$/, rest: /[A-Za-z0-9_-]{30,40}/y, category: 'token' },
  {
    trigger: 'azdo',
    before: /(?<![A-Za-z0-9])[A-Za-z0-9]{76}$/,
    rest: /[A-Za-z0-9]{4}(?![A-Za-z0-9])/y,
    category: 'token',
  },
  {
    trigger: '_mmk',
    before: /(?<![A-Za-z0-9])[A-Za-z0-9]{6}_[A-Za-z0-9]{29}$/,
    rest: /(?![A-Za-z0-9])/y,
    category: 'api_key',
  },
]

/** One unit more than the longest of `before`. */
const LONGEST_BEFORE = 77

const DISCORD_SECONDS = 6
const DISCORD_ACCOUNT = /(?<![A-Za-z0-9_.-])[MNO][A-Za-z0-9_-]{22,27}$/
const DISCORD_REST = /[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}(?![A-Za-z0-9_-])/y

/** The token of a Discord bot: an account in base64, seconds, a signature. */
const discordRule: Rule = {
  triggers: ['.'],
  find(text, start, end) {
    // Text is full of full stops; nearly none has another one at this distance.
    if (text.charAt(end + DISCORD_SECONDS) !== '.') return undefined
    const rest = matchAt(DISCORD_REST, text, end)
    const account = rest && DISCORD_ACCOUNT.exec(text.slice(Math.max(0, start - 30), start))
    if (!rest || !account) return undefined
    return {
      category: 'token',
      detector_id: 'secret_token',
      start: start - account[0].length,
      end: end + rest[0].length,
    }
  },
}

const innerRules: readonly Rule[] = INNER.map(({ trigger, before, rest, category }) => ({
  triggers: [trigger],
  find(text, start, end) {
    const left = before.exec(text.slice(Math.max(0, start - LONGEST_BEFORE), start))
    if (left === null) return undefined
    const match = matchAt(rest, text, end)
    if (match === undefined) return undefined
    const detector_id = DETECTORS[category] ?? category
    return { category, detector_id, start: start - left[0].length, end: end + match[0].length }
  },
}))

export const innerTokenRules: readonly Rule[] = [...innerRules, discordRule]

import type { RedactionCategory } from '@ctxlock/contracts/ports'

import { matchAt, startsToken, type Rule } from './rule.ts'
import { splitTokenAt } from './split-token.ts'
import { isPlaceholder } from './value-shapes.ts'

/** Tokens that can be told by how they begin. The formats are the issuers' published ones. */
interface TokenFormat {
  readonly category: RedactionCategory
  /** What the token begins with; also the trigger. */
  readonly prefix: string
  /** What follows. */
  readonly rest: RegExp
}

const DETECTORS: Partial<Record<RedactionCategory, string>> = {
  api_key: 'secret_api_key',
  aws: 'secret_aws',
  token: 'secret_token',
}

const BASE62_20 = /[A-Za-z0-9]{20,256}/y
const URL_SAFE_20 = /[A-Za-z0-9_-]{20,512}/y
const HEX_20 = /[0-9A-Fa-f]{20,128}/y

const FORMATS: readonly TokenFormat[] = [
  // A digit keeps `sk-` out of CSS class names such as `sk-folding-cube-wrapper`.
  { category: 'api_key', prefix: 'sk-', rest: /(?=[A-Za-z_-]{0,200}[0-9])[A-Za-z0-9_-]{16,512}/y },
  { category: 'api_key', prefix: 'api_', rest: /(?:[a-z]{2,8}_){0,2}(?=[A-Za-z]{0,40}[0-9])[A-Za-z0-9]{16,256}/y },
  { category: 'api_key', prefix: 'api_org_', rest: BASE62_20 },
  { category: 'api_key', prefix: 'gsk_', rest: BASE62_20 },
  { category: 'api_key', prefix: 'hf_', rest: BASE62_20 },
  { category: 'api_key', prefix: 'r8_', rest: BASE62_20 },
  { category: 'api_key', prefix: 'xai-', rest: BASE62_20 },
  { category: 'api_key', prefix: 'pplx-', rest: BASE62_20 },
  { category: 'api_key', prefix: 'lsv2_', rest: /(?:pt|sk)_[0-9a-f]{20,64}_[0-9a-f]{6,32}/y },
  { category: 'api_key', prefix: 'pcsk_', rest: /[A-Za-z0-9_]{20,256}/y },
  { category: 'api_key', prefix: 'AIza', rest: /[A-Za-z0-9_-]{35}/y },
  { category: 'api_key', prefix: 'GOCSPX-', rest: URL_SAFE_20 },
  { category: 'api_key', prefix: 'sk_live_', rest: /[A-Za-z0-9]{16,256}/y },
  { category: 'api_key', prefix: 'sk_test_', rest: /[A-Za-z0-9]{16,256}/y },
  { category: 'api_key', prefix: 'rk_live_', rest: /[A-Za-z0-9]{16,256}/y },
  { category: 'api_key', prefix: 'rk_test_', rest: /[A-Za-z0-9]{16,256}/y },
  { category: 'api_key', prefix: 'whsec_', rest: /[A-Za-z0-9+/]{20,256}={0,2}/y },
  { category: 'api_key', prefix: 'SG.', rest: /[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,128}/y },
  { category: 'api_key', prefix: 'key-', rest: /[0-9a-f]{32}(?![0-9a-f])/y },
  { category: 'api_key', prefix: 'shpat_', rest: HEX_20 },
  { category: 'api_key', prefix: 'shpss_', rest: HEX_20 },
  { category: 'api_key', prefix: 'shpca_', rest: HEX_20 },
  { category: 'api_key', prefix: 'shppa_', rest: HEX_20 },
  { category: 'api_key', prefix: 'sq0atp-', rest: URL_SAFE_20 },
  { category: 'api_key', prefix: 'sq0csp-', rest: URL_SAFE_20 },
  { category: 'api_key', prefix: 'access_token$', rest: /(?:production|sandbox)\$[0-9a-z]{10,32}\$[0-9a-f]{20,64}/y },
  {
    category: 'api_key',
    prefix: 'access_token%24',
    rest: /(?:production|sandbox)%24[0-9a-z]{10,32}%24[0-9a-f]{20,64}/y,
  },
  { category: 'api_key', prefix: 'dapi', rest: /[0-9a-f]{32}(?:-\d)?/y },
  { category: 'api_key', prefix: 'NRAK-', rest: /[A-Z0-9]{20,64}/y },
  { category: 'api_key', prefix: 'glsa_', rest: /[A-Za-z0-9]{20,64}_[0-9a-f]{6,16}/y },
  { category: 'api_key', prefix: 'nfp_', rest: BASE62_20 },
  { category: 'api_key', prefix: 'sbp_', rest: HEX_20 },
  { category: 'api_key', prefix: 'lin_api_', rest: BASE62_20 },
  { category: 'api_key', prefix: 'lin_oauth_', rest: BASE62_20 },
  { category: 'api_key', prefix: 'ntn_', rest: BASE62_20 },
  { category: 'api_key', prefix: 'figd_', rest: URL_SAFE_20 },
  { category: 'api_key', prefix: 'pat', rest: /[A-Za-z0-9]{14}\.[0-9a-f]{64}/y },
  { category: 'api_key', prefix: 'HRKU-', rest: URL_SAFE_20 },
  { category: 'api_key', prefix: 'tskey-', rest: /(?:auth|api|client|webhook)-[A-Za-z0-9-]{16,128}/y },
  { category: 'api_key', prefix: 'AGE-SECRET-KEY-1', rest: /[0-9A-Z]{50,64}/y },
  { category: 'api_key', prefix: 'SK', rest: /[0-9a-f]{32}(?![0-9A-Za-z])/y },
  { category: 'api_key', prefix: 'csk-', rest: /[a-z0-9]{40,64}/y },
  { category: 'api_key', prefix: 'nvapi-', rest: URL_SAFE_20 },
  { category: 'api_key', prefix: 'tvly-', rest: BASE62_20 },
  { category: 'api_key', prefix: 'fw_', rest: /(?=[A-Za-z]{0,24}\d)[A-Za-z0-9]{22,40}(?![A-Za-z0-9_])/y },
  { category: 'api_key', prefix: 'jina_', rest: BASE62_20 },
  { category: 'api_key', prefix: 'pa-', rest: /[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/y },
  { category: 'api_key', prefix: 'apify_api_', rest: BASE62_20 },
  { category: 'api_key', prefix: 'secret_', rest: /[A-Za-z0-9]{43}(?![A-Za-z0-9])/y },
  { category: 'api_key', prefix: 'PMAK-', rest: /[0-9a-f]{24}-[0-9a-f]{34}/y },
  { category: 'api_key', prefix: 'rnd_', rest: BASE62_20 },
  { category: 'api_key', prefix: 're_', rest: /[A-Za-z0-9]{6,12}_[A-Za-z0-9]{20,40}/y },
  { category: 'api_key', prefix: 'rdme_', rest: /[a-z0-9]{40,128}/y },
  { category: 'api_key', prefix: 'sb_secret_', rest: URL_SAFE_20 },
  { category: 'api_key', prefix: 'CFPAT-', rest: URL_SAFE_20 },
  { category: 'api_key', prefix: 'phx_', rest: BASE62_20 },
  { category: 'api_key', prefix: 'shippo_live_', rest: HEX_20 },
  { category: 'api_key', prefix: 'shippo_test_', rest: HEX_20 },
  { category: 'api_key', prefix: 'duffel_live_', rest: URL_SAFE_20 },
  { category: 'api_key', prefix: 'duffel_test_', rest: URL_SAFE_20 },
  { category: 'api_key', prefix: 'xkeysib-', rest: /[0-9a-f]{64}-[A-Za-z0-9]{16}/y },
  { category: 'api_key', prefix: 'EAAA', rest: /[A-Za-z0-9_-]{56,60}(?![A-Za-z0-9+/_=-])/y },
  ...['EZAK', 'EZTK'].map(
    (prefix) => ({ category: 'api_key', prefix, rest: /[A-Za-z0-9]{54}(?![A-Za-z0-9])/y }) as const,
  ),
  ...['NRII-', 'NRIQ-', 'NRAA-', 'NRRA-'].map(
    (prefix) => ({ category: 'api_key', prefix, rest: /[A-Za-z0-9_-]{20,64}/y }) as const,
  ),
  { category: 'api_key', prefix: 'odt_', rest: /(?:[A-Za-z0-9]{8}_)?[A-Za-z0-9]{32}(?![A-Za-z0-9])/y },
  { category: 'api_key', prefix: 'API-', rest: /(?=[A-Z]{0,25}\d)[A-Z0-9]{26}(?![A-Za-z0-9])/y },
  { category: 'api_key', prefix: 'ico-', rest: /(?=[A-Za-z]{0,31}\d)[A-Za-z0-9]{32}(?![A-Za-z0-9])/y },
  { category: 'api_key', prefix: 'v1.0-', rest: /[0-9a-f]{24}-[0-9a-f]{146}/y },
  { category: 'api_key', prefix: '4b1d', rest: /(?=[0-9a-f]{0,37}[A-Zg-z])[A-Za-z0-9]{38}(?![A-Za-z0-9])/y },
  { category: 'api_key', prefix: 'p8e-', rest: /[A-Za-z0-9_-]{32}(?![A-Za-z0-9_-])/y },
  {
    category: 'api_key',
    prefix: 'A3-',
    rest: /[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}(?![A-Za-z0-9])/y,
  },
  { category: 'api_key', prefix: 'eyJrIjoi', rest: /[A-Za-z0-9+/]{60,400}={0,2}/y },
  { category: 'api_key', prefix: 'FLWSECK', rest: /(?:_TEST)?-[0-9a-f]{32}-X/y },
  { category: 'api_key', prefix: 'dt0c01.', rest: /[A-Z0-9]{24}\.[A-Z0-9]{64}/y },
  { category: 'api_key', prefix: 'AKCp', rest: /[A-Za-z0-9]{69,80}/y },
  { category: 'api_key', prefix: 'oy2', rest: /[a-z0-9]{43}(?![A-Za-z0-9])/y },
  { category: 'api_key', prefix: 'LTAI', rest: /[A-Za-z0-9]{16,24}(?![A-Za-z0-9+/])/y },
  { category: 'aws', prefix: 'AKIA', rest: /[A-Z0-9]{16}(?![A-Za-z0-9])/y },
  { category: 'aws', prefix: 'ASIA', rest: /[A-Z0-9]{16}(?![A-Za-z0-9])/y },
  { category: 'aws', prefix: 'ABIA', rest: /[A-Z0-9]{16}(?![A-Za-z0-9])/y },
  { category: 'aws', prefix: 'ACCA', rest: /[A-Z0-9]{16}(?![A-Za-z0-9])/y },
  { category: 'aws', prefix: 'bedrock-api-key-', rest: /YmVkcm9jay5hbWF6b25hd3MuY29t[A-Za-z0-9+/_-]{0,4096}={0,2}/y },
  { category: 'aws', prefix: 'IQoJb3JpZ2lu', rest: /[A-Za-z0-9+/]{100,2048}={0,2}/y },
  { category: 'aws', prefix: 'ABSK', rest: /[A-Za-z0-9+/]{80,256}={0,2}/y },
  { category: 'token', prefix: 'glc_', rest: /[A-Za-z0-9+/]{40,400}={0,2}/y },
  { category: 'token', prefix: 'gloas-', rest: URL_SAFE_20 },
  ...['glcbt-', 'glft-', 'glsoat-', 'glimt-', 'glagent-', 'glffct-', 'glwt-'].map(
    (prefix) => ({ category: 'token', prefix, rest: URL_SAFE_20 }) as const,
  ),
  { category: 'token', prefix: 'sgp_', rest: /(?:(?:local|[0-9A-Fa-f]{16})_)?[0-9A-Fa-f]{20,40}/y },
  ...['sqp_', 'squ_', 'sqa_', 'pul-', 'bkua_'].map((prefix) => ({ category: 'token', prefix, rest: HEX_20 }) as const),
  { category: 'token', prefix: 'CCIPAT_', rest: /[A-Za-z0-9]{20,24}_[0-9a-f]{40}/y },
  { category: 'token', prefix: 'CLOJARS_', rest: /[a-z0-9]{60}/y },
  { category: 'token', prefix: 'vcp_', rest: BASE62_20 },
  { category: 'token', prefix: 'pnu_', rest: /[a-z0-9]{36}(?![a-z0-9])/y },
  { category: 'token', prefix: 'tk-us-', rest: URL_SAFE_20 },
  { category: 'token', prefix: 'tfp_', rest: /[A-Za-z0-9_.-]{40,80}/y },
  { category: 'token', prefix: 'pat-', rest: /(?:na|eu|ap)\d-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/y },
  { category: 'token', prefix: 'pat.', rest: /[A-Za-z0-9_-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}/y },
  { category: 'token', prefix: 'sat.', rest: /[A-Za-z0-9_-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}/y },
  ...['sm_aat_', 'sm_pat_', 'sm_sat_'].map(
    (prefix) => ({ category: 'token', prefix, rest: /[A-Za-z0-9]{16,64}/y }) as const,
  ),
  ...['s-s4t2ud-', 's-s4t2af-'].map((prefix) => ({ category: 'token', prefix, rest: /[0-9a-f]{64}/y }) as const),
  ...['scauth_', 'authress_'].map(
    (prefix) =>
      ({
        category: 'token',
        prefix,
        rest: /[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}\.[A-Za-z0-9+/_=-]{30,120}/y,
      }) as const,
  ),
  { category: 'token', prefix: 'fio-u-', rest: /[A-Za-z0-9_=-]{64}/y },
  { category: 'token', prefix: 'cmVmdGtuO', rest: /[A-Za-z0-9]{55}(?![A-Za-z0-9])/y },
  { category: 'token', prefix: 'sha256~', rest: /[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/y },
  { category: 'token', prefix: 'live_', rest: /\d{6,12}_[A-Za-z0-9]{24,40}/y },
  { category: 'token', prefix: '00D', rest: /[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?![A-Za-z0-9._]{60,160}/y },
  ...['EAAC', 'EAAM'].map((prefix) => ({ category: 'token', prefix, rest: /[A-Za-z0-9]{100,400}/y }) as const),
  // Of a bearer token of Twitter only the second half is encoded text.
  {
    category: 'token',
    prefix: 'AAAAAAAAAAAAAAAAAAAAA',
    rest: /(?=[A-Za-z0-9]{10,100}%[23])[A-Za-z0-9%]{80,130}/y,
  },
  { category: 'token', prefix: 'sl.', rest: /[A-Za-z0-9_-]{130,1400}/y },
  { category: 'token', prefix: '1//0', rest: /[A-Za-z0-9_-]{40,128}/y },
  { category: 'token', prefix: 'ATCTT3', rest: /[A-Za-z0-9_=-]{40,512}/y },
  { category: 'token', prefix: 'sk.eyJ', rest: /[A-Za-z0-9_-]{40,160}\.[A-Za-z0-9_-]{20,24}/y },
  { category: 'token', prefix: 'xoxe.', rest: /xox[bp]-\d-[A-Za-z0-9-]{40,256}/y },
  { category: 'token', prefix: 'hvr.', rest: /[A-Za-z0-9_-]{20,256}/y },
  { category: 'token', prefix: 'ghp_', rest: BASE62_20 },
  { category: 'token', prefix: 'gho_', rest: BASE62_20 },
  { category: 'token', prefix: 'ghu_', rest: BASE62_20 },
  { category: 'token', prefix: 'ghs_', rest: BASE62_20 },
  { category: 'token', prefix: 'ghr_', rest: BASE62_20 },
  { category: 'token', prefix: 'github_pat_', rest: /[A-Za-z0-9_]{20,256}/y },
  { category: 'token', prefix: 'glpat-', rest: /[A-Za-z0-9_-]{16,256}/y },
  { category: 'token', prefix: 'glptt-', rest: HEX_20 },
  { category: 'token', prefix: 'GR1348941', rest: /[A-Za-z0-9_-]{20,64}/y },
  { category: 'token', prefix: 'glrt-', rest: URL_SAFE_20 },
  { category: 'token', prefix: 'gldt-', rest: URL_SAFE_20 },
  { category: 'token', prefix: 'npm_', rest: /[A-Za-z0-9]{36}(?![A-Za-z0-9])/y },
  { category: 'token', prefix: 'pypi-AgE', rest: /[A-Za-z0-9_-]{40,1024}/y },
  { category: 'token', prefix: 'rubygems_', rest: HEX_20 },
  { category: 'token', prefix: 'dckr_pat_', rest: URL_SAFE_20 },
  { category: 'token', prefix: 'dckr_oat_', rest: URL_SAFE_20 },
  { category: 'token', prefix: 'cio', rest: /(?=[A-Za-z]{0,31}[0-9])[A-Za-z0-9]{32}(?![A-Za-z0-9])/y },
  { category: 'token', prefix: 'ATATT3', rest: /[A-Za-z0-9_=-]{40,512}/y },
  { category: 'token', prefix: 'ATBB', rest: /[A-Za-z0-9]{24,64}/y },
  { category: 'token', prefix: 'xoxb-', rest: /\d{6,16}-[A-Za-z0-9-]{10,128}/y },
  { category: 'token', prefix: 'xoxp-', rest: /\d{6,16}-[A-Za-z0-9-]{10,128}/y },
  { category: 'token', prefix: 'xoxa-', rest: /\d{1,16}-[A-Za-z0-9-]{10,128}/y },
  { category: 'token', prefix: 'xoxr-', rest: /\d{1,16}-[A-Za-z0-9-]{10,128}/y },
  { category: 'token', prefix: 'xoxs-', rest: /\d{1,16}-[A-Za-z0-9-]{10,128}/y },
  { category: 'token', prefix: 'xoxe-', rest: /\d{1,16}-[A-Za-z0-9-]{10,256}/y },
  { category: 'token', prefix: 'xapp-', rest: /\d-[A-Z0-9]{6,16}-\d{6,16}-[0-9a-f]{32,128}/y },
  { category: 'token', prefix: 'ya29.', rest: URL_SAFE_20 },
  { category: 'token', prefix: 'sntrys_', rest: /[A-Za-z0-9_+/=-]{20,512}/y },
  { category: 'token', prefix: 'sntryu_', rest: HEX_20 },
  { category: 'token', prefix: 'dop_v1_', rest: HEX_20 },
  { category: 'token', prefix: 'doo_v1_', rest: HEX_20 },
  { category: 'token', prefix: 'dor_v1_', rest: HEX_20 },
  { category: 'token', prefix: 'fo1_', rest: /[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/y },
  { category: 'token', prefix: 'FlyV1 ', rest: /fm\d_[A-Za-z0-9+/=_,-]{40,2048}/y },
  ...['fm1a_', 'fm1r_', 'fm2_'].map(
    (prefix) => ({ category: 'token', prefix, rest: /[A-Za-z0-9+/]{60,2048}={0,3}/y }) as const,
  ),
  { category: 'token', prefix: 'pscale_oauth_', rest: /[A-Za-z0-9_.-]{20,128}/y },
  { category: 'token', prefix: 'pscale_tkn_', rest: /[A-Za-z0-9_.-]{20,128}/y },
  { category: 'token', prefix: 'pscale_pw_', rest: /[A-Za-z0-9_.-]{20,128}/y },
  { category: 'token', prefix: 'hvs.', rest: /[A-Za-z0-9_-]{20,256}/y },
  { category: 'token', prefix: 'hvb.', rest: /[A-Za-z0-9_-]{20,256}/y },
  { category: 'token', prefix: 'ops_eyJ', rest: /[A-Za-z0-9_-]{40,2048}={0,2}/y },
  { category: 'token', prefix: 'dp.', rest: /(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}/y },
  // A JSON Web Token: two JSON objects in base64url begin with `eyJ`; unsigned ones have an empty third part.
  { category: 'token', prefix: 'eyJ', rest: /[A-Za-z0-9_-]{8,512}\.eyJ[A-Za-z0-9_-]{4,4096}\.[A-Za-z0-9_-]{0,1024}/y },
]

export const tokenRules: readonly Rule[] = FORMATS.map(({ category, prefix, rest }) => ({
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

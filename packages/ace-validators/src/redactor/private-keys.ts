import { finding, matchAt, type Rule } from './rule.ts'

const KEY_HEADER = /-----BEGIN (?:(?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)-----/y
/** Everything up to the last line, with the line ends, quotes and escapes it picks up inside JSON or source code. */
const KEY_BODY =
  /(?:[^-]|-(?!----)){0,16384}-----END (?:(?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)-----/y
/** Lines of base64 with whatever stood between them; the last one may be cut off. */
const KEY_REST =
  /(?:[\s\\"'`,#*/rn]{0,12}[A-Za-z0-9+/=]{24,128}){0,512}(?:[\s\\"'`,#*rn]{1,12}[A-Za-z0-9+/=]{1,64}(?=[\s"'`]{0,4}$))?/y

/** A PEM private key with everything in it; a key that was cut off counts up to where its base64 ends. */
const privateKey: Rule = {
  triggers: ['-----begin'],
  find(text, start) {
    const header = matchAt(KEY_HEADER, text, start)
    if (header === undefined) return undefined
    const from = start + header[0].length
    const whole = matchAt(KEY_BODY, text, from)
    // Manuals write `-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----`.
    if (whole !== undefined && /^(?:\\[nr]|[\s.…])*-----END/.test(whole[0])) return undefined
    // Code that takes both lines off a key names one after the other.
    const body = whole && /[A-Za-z0-9+/=]{16}/.test(whole[0]) ? whole : matchAt(KEY_REST, text, from)
    return finding('private_key', 'secret_private_key', start, from + (body?.[0].length ?? 0))
  },
}

const PUTTY_LINES = /\s{1,4}\d{1,3}(?:(?:\r?\n|(?:\\r)?\\n)[A-Za-z0-9+/=]{1,64}(?![\w-])){1,256}/y

/** The lines of PuTTY's key file that hold the private half. */
const puttyKey: Rule = {
  triggers: ['private-lines:'],
  find(text, start, end) {
    const match = matchAt(PUTTY_LINES, text, end)
    return match && finding('private_key', 'secret_private_key', start, end + match[0].length)
  },
}

const JSON_MEMBER = /\s{0,4}:\s{0,4}\\{0,3}"([A-Za-z0-9_-]{16,1400})(?=\\{0,3}")/y
/** How far the member `kty` may be away: a public half of 4096 bits has 683 digits. */
const KEY_TYPE_NEAR = 1024

/** The private members of a JSON Web Key. */
const jsonWebKey: Rule = {
  triggers: ['d', 'k', 'p', 'q', 'dp', 'dq', 'qi'].flatMap((member) => [`"${member}"`, `"${member}\\"`]),
  find(text, start, end) {
    const match = matchAt(JSON_MEMBER, text, end)
    const value = match?.[1]
    if (match === undefined || value === undefined) return undefined
    const stop = end + match[0].length
    const near = text.slice(Math.max(0, start - KEY_TYPE_NEAR), start) + text.slice(stop, stop + KEY_TYPE_NEAR)
    if (!/"kty\\{0,3}"/.test(near)) return undefined
    return finding('private_key', 'secret_private_key', stop - value.length, stop)
  },
}

const XML_VALUE = /[A-Za-z0-9+/=\s]{40,1400}(?=<\/(?:D|P|Q|DP|DQ|InverseQ)>)/y

/** The private elements of an `RSAKeyValue`. */
const xmlKey: Rule = {
  triggers: ['<d>', '<p>', '<q>', '<dp>', '<dq>', '<inverseq>'],
  find(text, start, end) {
    const match = /^<(?:D|P|Q|DP|DQ|InverseQ)>$/.test(text.slice(start, end))
      ? matchAt(XML_VALUE, text, end)
      : undefined
    return match && finding('private_key', 'secret_private_key', end, end + match[0].length)
  },
}

export const privateKeyRules: readonly Rule[] = [privateKey, puttyKey, jsonWebKey, xmlKey]

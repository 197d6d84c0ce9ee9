// Signed notes as C2SP defines them (signed-note, Ed25519 signatures of type 0x01). Notes and keys to be read are untrusted.
import { createPublicKey, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

import { bytesHash } from '@ctxlock/core-hash'

const ED25519 = 0x01
const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
const ID_BYTES = 4

/** Who signs: the name that stands in the signature line, and an Ed25519 private key. */
export interface NoteSigner {
  readonly name: string
  readonly privateKey: KeyObject
}

export interface NoteVerifier {
  readonly name: string
  readonly publicKey: KeyObject
  /** First bytes of the hash of name and key, in hex; tells keys apart and proves nothing. */
  readonly id: string
}

/** Appends the signature to a text of whole lines. */
export function signNote(text: string, { name, privateKey }: NoteSigner): string {
  const { id } = verifierOf(name, createPublicKey(privateKey))
  const signature = Buffer.concat([Buffer.from(id, 'hex'), sign(null, Buffer.from(text), privateKey)])
  return `${text}\n— ${name} ${signature.toString('base64')}\n`
}

export type OpenedNote =
  | { readonly state: 'signed'; readonly text: string }
  /** A well-formed note without a line of this key; whoever wrote it may have another. */
  | { readonly state: 'other_key'; readonly text: string }
  /** No note, or a line of this key that does not fit the text. */
  | { readonly state: 'damaged' }

/** Takes a note apart and checks the signature of one key; lines of other keys are ignored. */
export function openNote(note: string, verifier: NoteVerifier | undefined): OpenedNote {
  const parts = splitNote(note)
  if (!parts) return { state: 'damaged' }
  const own = parts.signatures.filter(({ name, id }) => name === verifier?.name && id === verifier.id)
  const [first] = own
  if (!verifier || !first) return { state: 'other_key', text: parts.text }
  if (own.length > 1 || first.signature.length !== SIGNATURE_BYTES) return { state: 'damaged' }
  const fits = verify(null, Buffer.from(parts.text), verifier.publicKey, first.signature)
  return fits ? { state: 'signed', text: parts.text } : { state: 'damaged' }
}

interface NoteParts {
  readonly text: string
  readonly signatures: readonly { readonly name: string; readonly id: string; readonly signature: Uint8Array }[]
}

const SIGNATURE_LINE = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u
const MAX_NOTE = 1_000_000

function splitNote(note: string): NoteParts | undefined {
  if (note.length > MAX_NOTE || /[\p{Cc}--\n]/v.test(note)) return undefined
  const end = note.lastIndexOf('\n\n')
  if (end < 0 || !note.endsWith('\n')) return undefined
  const lines = note.slice(end + 2, -1).split('\n')
  const signatures = lines.map((line) => {
    const [, name = '', encoded = ''] = SIGNATURE_LINE.exec(line) ?? []
    const bytes = Buffer.from(encoded, 'base64')
    return { name, id: bytes.toString('hex', 0, ID_BYTES), signature: bytes.subarray(ID_BYTES) }
  })
  if (signatures.some(({ signature }) => signature.length === 0)) return undefined
  return { text: note.slice(0, end + 1), signatures }
}

/** `<name>+<id>+<key>`, the text form of a public key that Go's `note` package reads too. */
export function formatVerifierKey({ name, publicKey, id }: NoteVerifier): string {
  const key = Buffer.concat([Uint8Array.of(ED25519), rawKey(publicKey)]).toString('base64')
  return `${name}+${id}+${key}`
}

/** Reads that form; undefined when it is damaged or its id is of another key. */
export function parseVerifierKey(text: string): NoteVerifier | undefined {
  const [, name, id, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text.trim()) ?? []
  const key = Buffer.from(encoded ?? '', 'base64')
  if (name === undefined || key[0] !== ED25519 || key.length !== 1 + KEY_BYTES) return undefined
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.subarray(1).toString('base64url') }
  const verifier = verifierOf(name, createPublicKey({ key: jwk, format: 'jwk' }))
  return verifier.id === id ? verifier : undefined
}

export function verifierOf(name: string, publicKey: KeyObject): NoteVerifier {
  const key = Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(ED25519), rawKey(publicKey)])
  return { name, publicKey, id: bytesHash(key).slice(0, 2 * ID_BYTES) }
}

function rawKey(publicKey: KeyObject): Uint8Array {
  return Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
}

// Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint), written from their text.
import { createHash, createPublicKey, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

export interface LogKey {
  readonly name: string
  readonly id: string
  readonly key: KeyObject
}

/** A public key, `<name>+<id>+<base64 of 0x01 and 32 bytes>`. Throws for anything else. */
export function readKey(text: string): LogKey {
  const [name = '', id = '', ...rest] = text.trim().split('+')
  const bytes = Buffer.from(rest.join('+'), 'base64')
  const expected = createHash('sha256').update(`${name}\n`).update(bytes).digest('hex').slice(0, 8)
  if (name === '' || bytes.length !== 33 || bytes[0] !== 1 || id !== expected)
    throw new Error('Expected a public key as `<name>+<id>+<key>`.')
  // SubjectPublicKeyInfo of Ed25519 (RFC 8410) is the same twelve bytes before every key.
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), bytes.subarray(1)])
  return { name, id, key: createPublicKey({ key: spki, format: 'der', type: 'spki' }) }
}

export type Checkpoint =
  | { readonly state: 'signed' | 'foreign'; readonly size: number; readonly root: string }
  | { readonly state: 'damaged' }

const DAMAGED: Checkpoint = { state: 'damaged' }

/** Reads a checkpoint: `signed` with the key, `foreign` when no line is of this key, `damaged` when it is none or was changed. */
export function readCheckpoint(note: string, key: LogKey | undefined): Checkpoint {
  const cut = note.lastIndexOf('\n\n')
  if (cut < 0 || !note.endsWith('\n')) return DAMAGED
  const body = note.slice(0, cut + 1)
  const [origin = '', size = '', root = ''] = body.split('\n')
  const rootBytes = Buffer.from(root, 'base64')
  if (origin === '' || !/^(0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) return DAMAGED
  if (rootBytes.length !== 32 || rootBytes.toString('base64') !== root) return DAMAGED
  const tree = { size: Number(size), root: rootBytes.toString('hex') }

  const lines = note.slice(cut + 2, -1).split('\n')
  const signatures = lines.map((line) => /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/.exec(line))
  if (signatures.some((found) => found === null)) return DAMAGED
  const own = signatures.flatMap((found) => {
    const bytes = Buffer.from(found?.[2] ?? '', 'base64')
    return key && found?.[1] === key.name && bytes.toString('hex', 0, 4) === key.id ? [bytes.subarray(4)] : []
  })
  const [signature] = own
  if (!key || !signature) return { state: 'foreign', ...tree }
  const isSigned = own.length === 1 && signature.length === 64 && verify(null, Buffer.from(body), key.key, signature)
  return isSigned && origin === key.name ? { state: 'signed', ...tree } : DAMAGED
}

// Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint), written from their text; by WebCrypto.
import { fromBase64, fromCanonicalBase64, joined, toHex, utf8 } from './bytes.ts'
import { sha256 } from './tree-path.ts'

export interface LogKey {
  readonly name: string
  readonly id: string
  verify(text: string, signature: Uint8Array<ArrayBuffer>): Promise<boolean>
}

/** A public key, `<name>+<id>+<base64 of 0x01 and 32 bytes>`. Throws for anything else. */
export async function readKey(text: string): Promise<LogKey> {
  const [name = '', id = '', ...rest] = text.trim().split('+')
  const bytes = fromBase64(rest.join('+'))
  const expected = (await sha256(joined(utf8(`${name}\n`), bytes))).slice(0, 8)
  if (name === '' || bytes.length !== 33 || bytes[0] !== 1 || id !== expected)
    throw new Error('Expected a public key as `<name>+<id>+<key>`.')
  const key = await crypto.subtle.importKey('raw', bytes.slice(1), 'Ed25519', true, ['verify'])
  return { name, id, verify: (message, signature) => crypto.subtle.verify('Ed25519', key, signature, utf8(message)) }
}

export type Note =
  /** `signed` with the key; `foreign` when no line is of this key. */
  | { readonly state: 'signed' | 'foreign'; readonly body: string; readonly signers: readonly string[] }
  /** It is none, or was changed. */
  | { readonly state: 'damaged' }

const DAMAGED = { state: 'damaged' } as const

/** Takes a note apart and checks the signature of one key. */
export async function readNote(note: string, key: LogKey | undefined): Promise<Note> {
  const cut = note.lastIndexOf('\n\n')
  if (cut < 0 || !note.endsWith('\n')) return DAMAGED
  const body = note.slice(0, cut + 1)
  const lines = note.slice(cut + 2, -1).split('\n')
  const signatures = lines.map((line) => {
    const [, name = '', encoded = ''] = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? []
    const bytes = fromBase64(encoded)
    return { name, id: toHex(bytes.subarray(0, 4)), signature: bytes.slice(4) }
  })
  if (signatures.some(({ name }) => name === '')) return DAMAGED
  const own = signatures.filter(({ name, id }) => key && name === key.name && id === key.id)
  const [first] = own
  const signers = signatures.map(({ name, id }) => `${name}+${id}`)
  if (!key || !first) return { state: 'foreign', body, signers }
  const isSigned = own.length === 1 && first.signature.length === 64 && (await key.verify(body, first.signature))
  return isSigned ? { state: 'signed', body, signers } : DAMAGED
}

export type Checkpoint =
  | {
      readonly state: 'signed' | 'foreign'
      readonly size: number
      readonly root: string
      readonly signers: readonly string[]
    }
  | { readonly state: 'damaged' }

/** Reads a checkpoint: `signed` with the key, `foreign` when no line is of this key, `damaged` when it is none or was changed. */
export async function readCheckpoint(note: string, key: LogKey | undefined): Promise<Checkpoint> {
  const read = await readNote(note, key)
  if (read.state === 'damaged') return DAMAGED
  const [origin = '', size = '', root = ''] = read.body.split('\n')
  const rootBytes = fromCanonicalBase64(root)
  if (origin === '' || !/^(0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) return DAMAGED
  if (rootBytes.length !== 32 || (read.state === 'signed' && origin !== key?.name)) return DAMAGED
  return { state: read.state, size: Number(size), root: toHex(rootBytes), signers: read.signers }
}

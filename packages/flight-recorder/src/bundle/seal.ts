import type { KeyObject } from 'node:crypto'

import { SEAL_CONTEXT } from '@ctxlock/contracts/evidence-bundle'
import type { BundleSeal } from '@ctxlock/contracts/evidence-bundle'
import type { Hash } from '@ctxlock/contracts/primitives'

import { signNote } from '../checkpoint/signed-note.ts'

/** What a seal signs: how many lines stand before it, and the SHA-256 of their bytes. */
export function sealedText(lines: number, hash: Hash): string {
  return `${SEAL_CONTEXT}\n${lines}\n${Buffer.from(hash, 'hex').toString('base64')}\n`
}

/** The last line of a bundle, signed with the key of the log under the log's name. */
export function sealLine(lines: number, hash: Hash, origin: string, privateKey: KeyObject): BundleSeal {
  return { kind: 'seal', note: signNote(sealedText(lines, hash), { name: origin, privateKey }) }
}

import type { Hash } from '@ctxlock/core-hash'

/** Pointers are smaller by the specification of Git LFS. */
const MAX_BYTES = 1024
const POINTER =
  /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:[a-z0-9.-]+ [^\n]*\n)*?oid sha256:([0-9a-f]{64})\n/

/** The SHA-256 of what these bytes stand for where Git LFS keeps the content of a file elsewhere; undefined for all other bytes. */
export function lfsContent(bytes: Uint8Array): Hash | undefined {
  return bytes.length < MAX_BYTES ? POINTER.exec(new TextDecoder().decode(bytes))?.[1] : undefined
}

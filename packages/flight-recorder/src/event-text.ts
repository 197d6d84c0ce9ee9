import type { UnhashedEvent } from '@ctxlock/contracts/events'
import { canonicalize } from '@ctxlock/core-hash'

/**
 * The canonical text that is hashed (REC-008), of an event as `checkUnhashed` returns it: its keys are in order and its numbers
 * rounded, so that JSON as it is written is canonical, unless there is text that NFC could change.
 */
export function eventText(event: UnhashedEvent): string {
  const text = JSON.stringify(event)
  const isAscii = Buffer.byteLength(text) === text.length
  return isAscii ? text : canonicalize(event)
}

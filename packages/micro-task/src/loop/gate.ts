import type { LoopEvent } from './loop-event.ts'

export type GateReason =
  | Extract<LoopEvent, { type: 'micro_task_hard_gate' }>['payload']['reason']
  | 'pause_point'
  | 'pause_requested'

/** Where the loop stands still until a person has answered (MT-009, MT-010, MT-017). */
export interface Gate {
  /** Names the question: an answer to one gate never opens another. */
  readonly key: string
  readonly reason: GateReason
  readonly mtId: string
}

/** The gate of this number within a run. Its key says what it is, so that whoever has only the key can tell a person. */
export function createGate(number: number, reason: GateReason, mtId: string): Gate {
  return { key: `gate-${number}/${reason}/${mtId}`, reason, mtId }
}

/** What the key of a gate says; undefined for any other key. */
export function readGateKey(key: string): { readonly reason: string; readonly mtId: string } | undefined {
  const [, reason, mtId] = /^gate-\d+\/(\w+)\/(MT-\d{3})$/.exec(key) ?? []
  return reason === undefined || mtId === undefined ? undefined : { reason, mtId }
}

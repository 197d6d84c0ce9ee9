import { ok } from 'node:assert/strict'

/** Waits for what sockets and timers bring, two seconds at most. */
export async function eventually(condition: () => boolean, message: string): Promise<void> {
  for (let turn = 0; turn < 200 && !condition(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 10))
  ok(condition(), message)
}

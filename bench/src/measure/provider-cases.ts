// Plays a file of wire exchanges against the real adapters and scores everything the file expects of them.
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'

import { isObject, listOf } from '../../../packages/provider-kit/src/index.ts'
import { playCase } from './provider-cases/play-case.ts'
import { scoreCase } from './provider-cases/score-case.ts'
import type { ProviderCase } from './provider-cases/provider-case.ts'
import { readCase } from './provider-cases/provider-case.ts'

export const name = 'provider-cases'

// Most cases wait for timers or sockets, not for the processor.
const AT_ONCE = 8

/** `--cases FILE`, and `--explain` to print on stderr why a case failed. */
export async function measure(args: readonly string[]): Promise<{ total: number; passed: number; failed: string[] }> {
  const { values } = parseArgs({
    args: [...args],
    options: { cases: { type: 'string' }, explain: { type: 'boolean' } },
  })
  if (values.cases === undefined) throw new Error('Expected --cases FILE.')
  const file: unknown = JSON.parse(await readFile(values.cases, 'utf8'))
  if (!isObject(file)) throw new Error('Expected the case file to hold one JSON object.')
  const apiKey = typeof file['apiKey'] === 'string' ? file['apiKey'] : 'sk-test'
  const cases = listOf(file['cases']).map(readCase)
  const faults = new Map<string, readonly string[]>()
  const queue = [...cases]
  await Promise.all(Array.from({ length: AT_ONCE }, () => work(queue, apiKey, faults)))
  const failed = cases.filter(({ id }) => (faults.get(id) ?? ['not played']).length > 0).map(({ id }) => id)
  if (values.explain) for (const id of failed) console.error(`${id}: ${faults.get(id)?.join('; ')}`)
  return { total: cases.length, passed: cases.length - failed.length, failed }
}

async function work(queue: ProviderCase[], apiKey: string, faults: Map<string, readonly string[]>): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    faults.set(next.id, scoreCase(next, await playCase(next, apiKey)))
  }
}

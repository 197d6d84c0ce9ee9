import { readFileSync } from 'node:fs'

import { z } from 'zod'

/** A base URL somebody might configure, what its names resolve to, and whether each policy should let it connect. */
const UrlRow = z.object({
  id: z.string(),
  category: z.string(),
  url: z.string(),
  expect: z.record(z.string(), z.enum(['allow', 'deny'])),
  /** Answers of the n-th look-up of a name; the last one repeats. */
  dns: z.record(z.string(), z.array(z.array(z.string()))).default({}),
  /** What the server answers, one hop after the other, instead of an answer. */
  redirects: z.array(z.object({ status: z.int(), location: z.string() })).default([]),
  /** Where the socket has to go although later look-ups say otherwise. */
  must_connect_to: z.array(z.string()).optional(),
  /** People would not agree. */
  contested: z.boolean().default(false),
})
export type UrlRow = z.infer<typeof UrlRow>

/** JSON lines. */
export function readUrlRows(path: string): UrlRow[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter((line) => line.trim() !== '').map((line) => UrlRow.parse(JSON.parse(line)))
}

// Whether a four-digit secret in a prompt or a reply can be found by trying all of them against the hashes that are recorded.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { createProgram } from '../../../apps/runner/src/program.ts'
import { ollamaConfig } from '../../../apps/runner/test/support/ollama-config.ts'
import { keyedDigest, textHash, uuidFromHash } from '../../../packages/core-hash/src/index.ts'
import { formsOf, SECRETS, withSecret } from './dictionary-attack/candidates.ts'
import { readTrail, type Trail } from './dictionary-attack/recorded-trail.ts'
import { startRawModelServer } from './show/raw-model-server.ts'

const MODEL = 'small:1b'
/** Recorded secrets: one is the whole prompt, one stands in a sentence, and the same for what the model replies. */
const PROMPTS = ['4821', 'Is my PIN 7316 in the notes?']
const REPLIES = ['5093', 'Your PIN is 2648, as the notes say.']

export interface Result {
  readonly candidates: number
  readonly hashes: { readonly in_log: number; readonly in_state: number }
  /** Candidates whose hash stands in the log; the bar is 0. */
  readonly found_in_log: number
  /** Candidates whose hash stands anywhere in the state folder, which holds the texts themselves too. */
  readonly found_in_state: number
  /** The same attack against plain hashes of the same texts: what it would find. */
  readonly control_found: number
  /** Recorded objects that name a hash in the log which whoever knows every other byte of the object can try; by what they are. */
  readonly found_knowing_all_else: readonly string[]
  /** Secrets found by whoever also has the workspace's key, of four. */
  readonly found_with_key: number
}

/** `--secrets N` (10,000): how many of the four-digit numbers are tried, the recorded ones among them; every one in a hundred forms. */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({ args: [...args], options: { secrets: { type: 'string' } } })
  const secrets = SECRETS.slice(0, Number(values.secrets ?? 10_000))
  const root = mkdtempSync(join(tmpdir(), 'ctxlock-dictionary-'))
  try {
    const bodies = await recordCalls(root)
    return attack(readTrail(root), [...new Set([...recordedSecrets(), ...secrets])], bodies)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** The bytes of each request as they came off the socket. */
async function recordCalls(root: string): Promise<string[]> {
  writeFileSync(join(root, 'notes.md'), '# Notes\n\nA PIN is four digits. The notes say nothing else about a PIN.\n')
  const bodies: string[] = []
  for (const [index, prompt] of PROMPTS.entries()) {
    const server = await startRawModelServer(MODEL, REPLIES[index])
    try {
      writeFileSync(join(root, 'ctxlock.config.json'), ollamaConfig(server.origin, [MODEL]))
      await silently(['ask', prompt, '--workspace', root])
      bodies.push(...server.chats.map(String))
    } finally {
      server.close()
    }
  }
  if (bodies.length !== PROMPTS.length) throw new Error(`Expected ${PROMPTS.length} requests, got ${bodies.length}.`)
  return bodies
}

function attack(trail: Trail, secrets: readonly string[], bodies: readonly string[]): Result {
  const texts = [...PROMPTS, ...REPLIES, ...bodies]
  const plain = new Set(texts.map(textHash))
  const tally = { candidates: 0, found_in_log: 0, found_in_state: 0, control_found: 0 }
  for (const secret of secrets) {
    for (const form of texts.flatMap((text) => formsOf(withSecret(text, secret)))) {
      const hash = textHash(form)
      tally.candidates += 1
      if (trail.log.has(hash) || trail.log.has(uuidFromHash(hash))) tally.found_in_log += 1
      if (trail.state.has(hash)) tally.found_in_state += 1
      if (plain.has(hash)) tally.control_found += 1
    }
  }
  return {
    ...tally,
    hashes: { in_log: trail.log.size, in_state: trail.state.size },
    found_knowing_all_else: trail.objects.flatMap(({ kind, text }) => (isFound(trail, text, secrets) ? [kind] : [])),
    found_with_key: texts.slice(0, 4).filter((_, index) => isFoundWithKey(trail, texts, index, secrets)).length,
  }
}

/** An object with every secret tried in the place of the recorded one. */
function isFound({ log }: Trail, text: string, secrets: readonly string[]): boolean {
  return secrets.some((secret) => log.has(textHash(withSecret(text, secret))))
}

/** A prompt by its request, a reply by itself, under the domains in which the workspace keys them. */
function isFoundWithKey(
  { log, key }: Trail,
  texts: readonly string[],
  index: number,
  secrets: readonly string[],
): boolean {
  const isPrompt = index < PROMPTS.length
  const text = (isPrompt ? texts[PROMPTS.length + REPLIES.length + index] : texts[index]) ?? ''
  const domain = isPrompt ? 'ctxlock.call.payload@1' : 'ctxlock.call.answer@1'
  return secrets.some((secret) => log.has(keyedDigest(key, domain, Buffer.from(withSecret(text, secret)))))
}

function recordedSecrets(): string[] {
  return [...PROMPTS, ...REPLIES].flatMap((text) => text.match(/\d{4}/) ?? [])
}

async function silently(args: readonly string[]): Promise<void> {
  const { write } = process.stdout
  process.stdout.write = () => true
  try {
    await createProgram({ exit: 0 }).parseAsync([...args], { from: 'user' })
  } finally {
    process.stdout.write = write
  }
}

// What two calls showed a model differently, and from where on a provider's prompt cache could not hit.
import { expect, test, vi } from 'vitest'
import { z } from 'zod'

import { ctxlockHere } from './support/in-process.ts'
import { serverConfig, startChatServer } from './support/chat-server.ts'
import { makeWorkspace, SMALL_WORKSPACE, writeFiles } from './support/workspace.ts'

const CONFIG = JSON.stringify({ schema_version: 'ctxlock.config@1', rules: { files: ['AGENTS.md'] } })
const RULE = '- Answers MUST name a source.\n'

const Asked = z.looseObject({ call_id: z.string() })
const Change = z.object({
  name: z.string(),
  change: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
})
const Difference = z.looseObject({
  segments: z.array(Change),
  sources: z.array(Change),
  rules: z.array(Change),
  reordered: z.boolean(),
})
const Miss = z.looseObject({
  compared_with: z.string().nullable(),
  tokens: z.object({ prompt: z.number().nullable(), cached: z.number().nullable() }),
  first_change: Change.nullable(),
})

async function json<Value>(schema: z.ZodType<Value>, args: readonly string[], root: string): Promise<Value> {
  const { code, stdout } = await ctxlockHere([...args, '--json'], root)
  expect(code, stdout).toBe(0)
  return schema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''))
}

const asked = async (question: string, root: string) => (await json(Asked, ['ask', question], root)).call_id
const names = (changes: readonly z.infer<typeof Change>[]) => changes.map(({ name, change }) => `${change} ${name}`)

test('a rule, a source and a question that changed are each named, and what stayed is not', async () => {
  const root = makeWorkspace({ ...SMALL_WORKSPACE, 'AGENTS.md': RULE, 'ctxlock.config.json': CONFIG })
  const first = await asked('How is a checksum computed?', root)
  const same = await asked('How is a checksum computed?', root)
  expect(await json(Difference, ['diff', first, same], root)).toMatchObject({
    segments: [],
    sources: [],
    rules: [],
    reordered: false,
  })

  expect(await ctxlockHere(['diff', 'last', 'neither'], root)).toMatchObject({
    code: 2,
    error: { code: 'LOCK_MISSING', message: expect.stringContaining('got neither, which is neither') },
  })

  writeFiles(root, { 'src/checksum.ts': SMALL_WORKSPACE['src/checksum.ts'].replace('SHA-256', 'SHA-512') })
  const other = await asked('How is a checksum computed?', root)
  const changed = await json(Difference, ['diff', same.slice(0, 8), 'last'], root)
  expect(names(changed.sources)).toEqual(['changed src/checksum.ts'])
  expect(changed.segments.every(({ name }) => name.startsWith('source src/checksum.ts:'))).toBe(true)
  expect(changed.rules).toEqual([])

  writeFiles(root, { 'AGENTS.md': `${RULE}- NEVER guess.\n` })
  await asked('Which checksum is computed?', root)
  const ruled = await json(Difference, ['diff', other, 'last'], root)
  expect(names(ruled.segments)).toEqual(expect.arrayContaining(['changed rules', 'changed question']))
  expect(names(ruled.rules)).toContainEqual(expect.stringMatching(/^added R-/))
})

test('why-miss names the first segment that changed since the call before, and needs one', async () => {
  const root = makeWorkspace({ ...SMALL_WORKSPACE, 'AGENTS.md': RULE, 'ctxlock.config.json': CONFIG })
  await asked('How is a checksum computed?', root)
  expect(await json(Miss, ['why-miss', 'last'], root)).toMatchObject({ compared_with: null, first_change: null })
  const second = await asked('How is a checksum computed?', root)
  expect(await json(Miss, ['why-miss', 'last'], root)).toMatchObject({ first_change: null, tokens: { cached: null } })
  writeFiles(root, { 'AGENTS.md': `${RULE}- NEVER guess.\n` })
  await asked('Which checksum is computed?', root)
  const miss = await json(Miss, ['why-miss', 'last'], root)
  expect(miss).toMatchObject({ compared_with: second, first_change: { name: 'rules', change: 'changed' } })
})

test('cached tokens are those the provider reported, and its requests replay by the encoder of their wire', async () => {
  vi.stubEnv('CTXLOCK_TEST_KEY', 'sk-test-cached-0123456789')
  const server = await startChatServer({ cachedTokens: 7 })
  const root = makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': serverConfig(server.url) })
  await ctxlockHere(['ask', 'How is a checksum computed?'], root)
  expect(await json(Miss, ['why-miss', 'last'], root)).toMatchObject({ tokens: { prompt: 10, cached: 7 } })
  expect((await ctxlockHere(['replay', 'last'], root)).code).toBe(0)
  expect(server.bodies).toHaveLength(1)
  vi.unstubAllEnvs()
})

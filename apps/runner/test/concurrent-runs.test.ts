// Micro-tasks of one run follow each other (MT-006); what goes on beside each other are runs (decisions/0039).
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { expect, onTestFinished, test } from 'vitest'

import { apply } from '../src/commands/apply.ts'
import { run } from '../src/commands/run.ts'
import { startModelServer } from './support/model-server.ts'
import { answerTo, poisonWorkspace, runContext, RUNS, WRITTEN } from './support/poisoned/poison-workspace.ts'

test('three runs beside each other share the turns of their model, follow their own order, and leave a patch each', async () => {
  const server = await startModelServer('router', { far: 1 })
  onTestFinished(() => server.close())
  const root = poisonWorkspace(server.origin, 'cloud')
  onTestFinished(() => rmSync(root, { recursive: true }))
  let [under, most] = [0, 0]
  const together = Promise.withResolvers<void>()
  const asked: string[] = []
  server.says = async () => {
    const prompt = server.chats.at(-1)?.toString('utf8') ?? ''
    asked.push(/Change only these files: src\/(\S+)\.mjs/.exec(prompt)?.[1] ?? '')
    most = Math.max(most, ++under)
    // The first call is answered when there is a second beside it; a third would have time to come.
    if (under === 2) together.resolve()
    await together.promise
    await wait(50)
    under -= 1
    return answerTo(prompt, WRITTEN)
  }
  const ids: string[] = []
  const context = runContext(root, { answer: async () => 'approved' })
  const output = { ...context.output, line: (text = '') => ids.push(...(/^run +(\S+)$/.exec(text)?.slice(1) ?? [])) }
  const exits = await Promise.all(RUNS.map((name) => run([join(root, `${name}.json`)], { ...context, output })))

  expect(exits).toEqual([0, 0, 0])
  // As many as the scheduler lets one model have at a time.
  expect(most).toBe(2)
  for (const name of RUNS) expect(asked.filter((one) => one.startsWith(name))).toEqual([`${name}-1`, `${name}-2`])
  for (const id of ids) expect(await apply([id], { ...context, options: {} })).toBe(0)
  for (const name of RUNS)
    for (const number of [1, 2])
      expect(readFileSync(join(root, `src/${name}-${number}.mjs`), 'utf8')).toBe(`${WRITTEN}\n`)
}, 60_000)

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import type { WorkProfile } from '@ctxlock/contracts/work-profile'

import { cloudCall, isHuman, plan, receipt, singleCallBundle } from '../src/__fixtures__/consent.ts'
import { createDatabase } from '../src/__fixtures__/database.ts'
import { assignment, NOW, profile } from '../src/__fixtures__/profiles.ts'
import { classifyHost, CLOUD, provider, redactor } from '../src/__fixtures__/providers.ts'
import { storeReceipt } from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'governance-readme-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The README's example as a module whose free names are the parameters of the exported `run`. */
async function loadExample() {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
  const [, names = ''] = /^import \{([^}]*)\} from '@ctxlock\/governance'$/m.exec(code) ?? []
  const api = new URL('../src/index.ts', import.meta.url).href
  const file = join(folder, 'example.mts')
  const scope = 'database, config, redactor, classifyHost, isReady, now, prepared, bundle, leakage, isHuman, print'
  const body = code.replace(/^import .*$/m, '')
  writeFileSync(file, `import {${names}} from '${api}'\nexport async function run({ ${scope} }: any) {\n${body}}\n`)
  const module: { run(scope: object): Promise<void> } = await import(file)
  return module
}

async function output(given: WorkProfile, bundle: unknown, consent: boolean) {
  using store = createDatabase()
  const example = await loadExample()
  if (consent) storeReceipt(store.database, { receipt: receipt(plan()), plan: plan() }, { now: NOW, isHuman })
  const lines: string[] = []
  const { prepared, leakage } = cloudCall(bundle)
  await example.run({
    database: store.database,
    config: {
      providers: [provider('here'), provider('cloudy', { ...CLOUD, default_model_id: 'big' })],
      profile: given,
    },
    redactor,
    classifyHost,
    isReady: () => true,
    now: NOW,
    prepared,
    bundle,
    leakage,
    isHuman,
    print: (line: string) => lines.push(line),
  })
  return lines
}

describe('the example in the README', () => {
  it('keeps a local role local', async () => {
    const local = profile(assignment('big', { fallback_model_id: 'small', local_only: true }))
    expect(await output(local, undefined, false)).toEqual(['not big: local_only', 'small at here, local'])
  })

  it('refuses the cloud without consent and allows it with', async () => {
    const cloud = profile(assignment('big'))
    const first = 'big at cloudy, cloud'
    expect(await output(cloud, undefined, false)).toEqual([first, 'C5: HSK-403-CONSENT-MISSING'])
    expect(await output(cloud, singleCallBundle(), false)).toEqual([first, 'C7: HSK-403-CONSENT-INVALID'])
    expect(await output(cloud, singleCallBundle(), true)).toEqual([first, 'allowed by receipt-1'])
  })
})

import { deepEqual, equal, ok } from 'node:assert/strict'

import type { ScriptedResponse } from '../fake-server.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { providerErrorOf } from './expect-error.ts'
import { responding, withBench } from './provider-target.ts'
import type { ProviderTarget } from './provider-target.ts'

/** Lists of models, and loading and unloading them. */
export function administrationCases(target: ProviderTarget): readonly ConformanceCase[] {
  const { models, loading } = target
  return [...(models ? listCases(target, models) : []), ...(loading ? loadCases(target, loading) : [])]
}

function listCases(target: ProviderTarget, models: NonNullable<ProviderTarget['models']>): readonly ConformanceCase[] {
  const answering = answerWith(target)
  return [
    {
      name: 'list: every model of the server, by its id',
      run: () =>
        withBench(target, [answering(models([target.model, 'other']))], async ({ client }) => {
          const ids = (await client.listModels()).map(({ id }) => id)
          deepEqual(ids.toSorted(), [target.model, 'other'].toSorted())
        }),
    },
    {
      name: 'list: an answer without a list is an error, not an empty list',
      run: () =>
        withBench(target, [answering('{}')], async ({ client }) =>
          equal((await providerErrorOf(client.listModels())).code, 'protocol'),
        ),
    },
  ]
}

function loadCases(
  target: ProviderTarget,
  loading: NonNullable<ProviderTarget['loading']>,
): readonly ConformanceCase[] {
  const answering = answerWith(target)
  const { model } = target
  return [
    {
      name: 'load: resolves when the server has confirmed it',
      run: () => withBench(target, [answering(loading.loaded)], ({ client }) => client.load(model)),
    },
    {
      name: 'load: an answer that does not confirm it is an error',
      run: () =>
        withBench(target, [answering('{}')], async ({ client }) => {
          ok(await providerErrorOf(client.load(model)))
        }),
    },
    {
      name: 'load: running models are listed',
      run: () =>
        withBench(target, [answering(loading.running([model]))], async ({ client }) =>
          deepEqual(
            (await client.listRunning()).map(({ id }) => id),
            [model],
          ),
        ),
    },
    {
      name: 'unload: resolves only when the model is gone',
      run: () => {
        const script = [loading.unloaded, loading.running([model, 'other']), loading.running(['other'])].map(answering)
        return withBench(target, script, async ({ client, server }) => {
          await client.unload(model)
          equal(server.requests.length, script.length)
        })
      },
    },
  ]
}

function answerWith(target: ProviderTarget): (body: string) => ScriptedResponse {
  return (body) => responding({ ...target.answer, body })
}

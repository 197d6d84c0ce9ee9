import { providerConformance } from '@ctxlock/plugin-api/testing'
import { CHAT_COMPLETIONS, HTTP_TARGET } from '@ctxlock/provider-kit/testing'
import { test } from 'vitest'

import { openAiModelsPlugin } from '../test/openai-models.ts'

const cases = providerConformance({ plugin: openAiModelsPlugin, ...HTTP_TARGET, ...CHAT_COMPLETIONS })

/** The SDK writes the wire body itself; what holds instead is in `test/wire.test.ts`. */
const IS_OWN_WIRE = /^request: the bytes that leave are the prepared bytes/

for (const { name, run } of cases) if (!IS_OWN_WIRE.test(name)) test(name, run)

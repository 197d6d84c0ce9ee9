import { Hono } from 'hono'
import { z } from 'zod'

import { lookAtRecord } from '../../session/look-at-record.ts'
import { loadConfig } from '../../workspace/config-file.ts'
import { packStates } from '../record/pack-states.ts'
import { requestBody } from '../request-body.ts'

const PacksQuestion = z.strictObject({ only_stale: z.boolean(), after: z.string().max(8400).exactOptional() })

/** Packs, and which of their sources changed since. */
export function packRoutes(root: string): Hono {
  const routes = new Hono()
  routes.post('/', async (context) => {
    const { only_stale: onlyStale, after } = await requestBody(context, PacksQuestion)
    const states = lookAtRecord(root, ({ state, reader }) => packStates(state.database, reader, { onlyStale, after }))
    const { policy } = loadConfig(root).config
    return context.json({ ...states, policy: policy.contextPack })
  })
  return routes
}

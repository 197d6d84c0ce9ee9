import { Hono } from 'hono'
import { z } from 'zod'

import { openStoredSession } from '../../session/stored-session.ts'
import { loadConfig } from '../../workspace/config-file.ts'
import { packStates } from '../record/pack-states.ts'
import { requestBody } from '../request-body.ts'

const PacksQuestion = z.strictObject({ only_stale: z.boolean(), after: z.string().max(8400).exactOptional() })

/** Packs, and which of their sources changed since. */
export function packRoutes(root: string): Hono {
  const routes = new Hono()
  routes.post('/', async (context) => {
    const { only_stale: onlyStale, after } = await requestBody(context, PacksQuestion)
    const session = openStoredSession(root, process.env)
    try {
      const { policy } = loadConfig(root).config
      const states = packStates(session.state.database, session.reader, { onlyStale, after })
      return context.json({ ...states, policy: policy.contextPack })
    } finally {
      session.close()
    }
  })
  return routes
}

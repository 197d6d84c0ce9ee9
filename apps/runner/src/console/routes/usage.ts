import { callUsage } from '@ctxlock/flight-recorder'
import { Hono } from 'hono'
import { z } from 'zod'

import { nodeEnvironment } from '../../environment/node-environment.ts'
import { lookAtRecord } from '../../session/look-at-record.ts'
import { usageOverTime } from '../record/usage-over-time.ts'
import { requestBody } from '../request-body.ts'

const DAY_MS = 86_400_000
const UsageQuestion = z.strictObject({ days: z.int().min(1).max(3650).nullable() })

/** What calls took over time. */
export function usageRoutes(root: string): Hono {
  const routes = new Hono()
  routes.post('/', async (context) => {
    const { days } = await requestBody(context, UsageQuestion)
    const from = days === null ? 0 : nodeEnvironment.clock.now() - days * DAY_MS
    const usage = lookAtRecord(root, ({ state }) => callUsage(state.database, new Date(from).toISOString()))
    return context.json(usageOverTime(usage))
  })
  return routes
}

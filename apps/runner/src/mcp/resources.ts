import { ResourceNotFoundError, ResourceTemplate, type McpServer } from '@modelcontextprotocol/server'
import { openPackCache } from '@ctxlock/context-pack'
import { ContextPackPayload, RoleContextPack, WorkUnitContextPack } from '@ctxlock/contracts/packs'
import { Hash, Uuid } from '@ctxlock/contracts/primitives'
import { pathOfSourceId } from '@ctxlock/contracts/references'
import { parseCanonical } from '@ctxlock/core-hash'
import { queryEvents } from '@ctxlock/flight-recorder'
import { z } from 'zod'

import { lookAtRecord } from '../session/look-at-record.ts'
import { hasState } from '../workspace/state-place.ts'
import type { Turns } from './turns.ts'

/** The newest packs are listed, so that a client finds some; every other is read by its hash. */
const MAX_LISTED = 200

// Other objects of the store are requests and plans: they are no packs, and a hash of theirs finds nothing here.
const AnyPack = z.union([ContextPackPayload, RoleContextPack, WorkUnitContextPack])

/** `ctxlock://packs/{hash}` and `ctxlock://records/{id}`. Ids come from the client. */
export function registerResources(server: McpServer, turns: Turns, root: string): void {
  server.registerResource(
    'pack',
    new ResourceTemplate('ctxlock://packs/{hash}', { list: () => ({ resources: listedPacks(root) }) }),
    { description: 'A stored pack by the hash of its bytes, as a lockfile names it.', mimeType: 'application/json' },
    ({ href }, { hash }, { mcpReq: { signal } }) =>
      turns.take(signal, async () =>
        jsonContents(href, readPack(root, Hash.safeParse(hash).data) ?? notFound(href, 'pack', PACK_HINT)),
      ),
  )
  server.registerResource(
    'record',
    new ResourceTemplate('ctxlock://records/{id}', { list: undefined }),
    { description: 'One event of the flight recorder by its event_id.', mimeType: 'application/json' },
    ({ href }, { id }, { mcpReq: { signal } }) =>
      turns.take(signal, async () =>
        jsonContents(href, readEvent(root, Uuid.safeParse(id).data) ?? notFound(href, 'event', EVENT_HINT)),
      ),
  )
}

function listedPacks(root: string) {
  if (!hasState(root)) return []
  return lookAtRecord(root, ({ state }) =>
    [...openPackCache(state.database).summaries()].slice(0, MAX_LISTED).map(([sourceId, { payloadHash }]) => ({
      uri: `ctxlock://packs/${payloadHash}`,
      name: pathOfSourceId(sourceId) ?? sourceId,
      mimeType: 'application/json',
    })),
  )
}

function readPack(root: string, hash: Hash | undefined): object | undefined {
  return lookAtRecord(root, ({ artifacts }) =>
    hash !== undefined && artifacts.has(hash) ? AnyPack.safeParse(parseCanonical(artifacts.get(hash))).data : undefined,
  )
}

function readEvent(root: string, eventId: string | undefined): object | undefined {
  return lookAtRecord(root, ({ state }) =>
    eventId === undefined ? undefined : queryEvents(state.database, { eventId }, { limit: 1 }).events[0],
  )
}

function jsonContents(uri: string, value: object) {
  return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(value) }] }
}

const PACK_HINT = 'Give the `pack` hash of an entry in ctxlock.lock; packs are stored when `ctxlock lock` ran here.'
const EVENT_HINT = 'Take an `event_id` from recorder_query.'

function notFound(uri: string, what: string, hint: string): never {
  throw new ResourceNotFoundError(uri, `no ${what} of that name is stored here. ${hint}`)
}

import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'

import { RUNNER_VERSION } from '../version.ts'
import type { EventSpan } from './event-span.ts'

type ReadableSpan = Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0][number]

// Numbers of the OpenTelemetry API; its package brings far more than these.
const KIND = { internal: 0, client: 2 } as const
const STATUS = { unset: 0, error: 2 } as const
const SAMPLED = 1

/** An ExportTraceServiceRequest in protobuf, which every receiver of OTLP/HTTP takes. */
export function encodeSpans(spans: readonly EventSpan[], schemaUrl: string | undefined): Uint8Array {
  const resource = resourceFromAttributes({ 'service.name': 'ctxlock', 'service.version': RUNNER_VERSION })
  const scope = { name: 'ctxlock', version: RUNNER_VERSION, ...(schemaUrl !== undefined && { schemaUrl }) }
  const readable = spans.map((span) => readableSpan(span, resource, scope))
  const encoded = ProtobufTraceSerializer.serializeRequest(readable)
  if (!encoded) throw new TypeError('the serializer encodes what it is given')
  return encoded
}

/** How many spans of a request the receiver did not take. */
export function rejectedSpans(response: Uint8Array): number {
  const { partialSuccess } = ProtobufTraceSerializer.deserializeResponse(response)
  return partialSuccess?.rejectedSpans ?? 0
}

function readableSpan(
  { traceId, spanId, parentSpanId, name, kind, startedAt, endedAt, failed, attributes }: EventSpan,
  resource: ReadableSpan['resource'],
  instrumentationScope: ReadableSpan['instrumentationScope'],
): ReadableSpan {
  const context = { traceId, traceFlags: SAMPLED }
  return {
    name,
    kind: KIND[kind],
    spanContext: () => ({ ...context, spanId }),
    ...(parentSpanId !== undefined && { parentSpanContext: { ...context, spanId: parentSpanId } }),
    startTime: highResolution(startedAt),
    endTime: highResolution(endedAt),
    duration: highResolution(endedAt - startedAt),
    status: { code: failed ? STATUS.error : STATUS.unset },
    attributes,
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
}

/** Seconds and nanoseconds. */
function highResolution(milliseconds: number): [number, number] {
  return [Math.floor(milliseconds / 1000), Math.round((milliseconds % 1000) * 1e6)]
}

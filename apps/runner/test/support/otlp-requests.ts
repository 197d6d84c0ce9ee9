// What was sent, as the code that OpenTelemetry's .proto files were compiled to reads it; not the code that wrote it.
import proto from '@opentelemetry/otlp-transformer-protobufjs/build/src/generated/root.js'
import { z } from 'zod'

interface MessageType {
  decode(bytes: Uint8Array): unknown
  toObject(message: unknown, options: object): unknown
}
// The generated module describes none of its types.
const REQUEST: MessageType = Reflect.get(proto, 'opentelemetry').proto.collector.trace.v1.ExportTraceServiceRequest

const Id = z.string().transform((base64) => Buffer.from(base64, 'base64').toString('hex'))
const Attribute = z
  .object({
    key: z.string(),
    value: z.object({
      stringValue: z.string().optional(),
      boolValue: z.boolean().optional(),
      intValue: z.coerce.number().optional(),
      doubleValue: z.number().optional(),
    }),
  })
  .transform(({ key, value: { stringValue, boolValue, intValue, doubleValue } }) => {
    return [key, stringValue ?? boolValue ?? intValue ?? doubleValue] as const
  })
const Span = z.object({
  traceId: Id,
  spanId: Id,
  parentSpanId: Id.optional(),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: z.coerce.bigint(),
  endTimeUnixNano: z.coerce.bigint(),
  status: z.object({ code: z.number().optional() }),
  attributes: z.array(Attribute).transform((pairs) => Object.fromEntries(pairs)),
})
const Request = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(Span) })) })),
})
export type DecodedSpan = z.infer<typeof Span>

/** The spans of one request body. */
export function decodeSpans(body: Uint8Array): DecodedSpan[] {
  const { resourceSpans } = Request.parse(
    REQUEST.toObject(REQUEST.decode(body), {
      bytes: String,
      longs: String,
      enums: Number,
    }),
  )
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
}

// A receiver of OTLP/HTTP as a process of its own. It is no OpenTelemetry Collector: it decodes by the official .proto files, says
// what it read as one JSON line a request, and answers as a collector does.
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'

import { decodeSpans } from './otlp-requests.ts'

const server = createServer((request, response) => {
  void buffer(request).then((body) => {
    const isTraces = request.method === 'POST' && request.url === '/v1/traces'
    const isProtobuf = request.headers['content-type'] === 'application/x-protobuf'
    const spans = isTraces && isProtobuf ? decodeSpans(body) : []
    process.stdout.write(
      `${JSON.stringify({ spans }, (_, value) => (typeof value === 'bigint' ? `${value}` : value))}\n`,
    )
    // An empty ExportTraceServiceResponse: all of them were taken.
    response.writeHead(isTraces && isProtobuf ? 200 : 404, { 'content-type': 'application/x-protobuf' }).end()
  })
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${JSON.stringify(server.address())}\n`))

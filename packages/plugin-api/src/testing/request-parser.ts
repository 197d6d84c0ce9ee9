/** A request as it came over the socket. */
export interface RecordedRequest {
  readonly method: string
  readonly path: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** Milliseconds of the process clock when it was complete. */
  readonly at: number
}

/** Collects bytes and reports each request with a content length; several may follow each other on one socket. */
export function createRequestParser(onRequest: (request: RecordedRequest) => void): (bytes: Uint8Array) => void {
  let pending: Buffer = Buffer.alloc(0)
  return (bytes) => {
    pending = Buffer.concat([pending, bytes])
    for (;;) {
      const headEnd = pending.indexOf('\r\n\r\n')
      if (headEnd === -1) return
      const [requestLine = '', ...headerLines] = pending.subarray(0, headEnd).toString('latin1').split('\r\n')
      const headers = Object.fromEntries(headerLines.map(headerOf))
      const bodyEnd = headEnd + 4 + Number(headers['content-length'] ?? 0)
      if (pending.length < bodyEnd) return
      const [method = '', path = ''] = requestLine.split(' ')
      const body = Uint8Array.from(pending.subarray(headEnd + 4, bodyEnd))
      pending = pending.subarray(bodyEnd)
      onRequest({ method, path, headers, body, at: performance.now() })
    }
  }
}

function headerOf(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}

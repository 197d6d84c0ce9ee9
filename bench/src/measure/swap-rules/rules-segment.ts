/** The rules as they stand in the bytes of a request: what the system message says before the task. */
export function rulesSegment(body: Uint8Array): Uint8Array {
  const request: { readonly messages: readonly { readonly role: string; readonly content: string }[] } = JSON.parse(
    new TextDecoder('utf-8', { fatal: true }).decode(body),
  )
  const [system] = request.messages
  const end = system?.content.indexOf('# Task:') ?? -1
  if (system?.role !== 'system' || !system.content.startsWith('# Rules for the role') || end < 0) {
    throw new Error('Expected a request that begins with its rules.')
  }
  return new TextEncoder().encode(system.content.slice(0, end))
}

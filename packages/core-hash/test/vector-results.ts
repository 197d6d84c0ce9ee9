// What an entry of core-hash makes of the vectors, as text that two hosts can compare. Runs anywhere: no host's own API.
export interface Entry {
  canonicalize(value: unknown): string
  canonicalHash(value: unknown): string
  serializeJcs(value: unknown): string
  bytesHash(bytes: Uint8Array): string
  textHash(text: string): string
  parseCanonical(bytes: Uint8Array): unknown
  toTimestamp(input: string): string
}

export interface VectorFiles {
  readonly canonical: readonly { readonly input_json: string; readonly host_values?: unknown }[]
  readonly negative: readonly { readonly input_json: string; readonly host_values?: unknown }[]
  readonly notCanonical: readonly { readonly bytes_hex: string }[]
  readonly bytes: readonly { readonly bytes_hex: string }[]
  readonly timestamps: readonly { readonly input: string }[]
}

/** One line per vector and function: its result, or the code and path of its error. */
export function vectorResults(entry: Entry, files: VectorFiles): string[] {
  // Values that only Node code can make, such as a Proxy, have no place in a browser.
  const inputs = [...files.canonical, ...files.negative].filter(({ host_values }) => host_values === undefined)
  return [
    ...inputs.flatMap(({ input_json }) => [
      outcome(() => entry.canonicalize(JSON.parse(input_json))),
      outcome(() => entry.canonicalHash(JSON.parse(input_json))),
      outcome(() => entry.serializeJcs(JSON.parse(input_json))),
      outcome(() => entry.textHash(input_json)),
    ]),
    ...files.bytes.map(({ bytes_hex }) => outcome(() => entry.bytesHash(bytesOf(bytes_hex)))),
    ...files.notCanonical.map(({ bytes_hex }) => outcome(() => entry.parseCanonical(bytesOf(bytes_hex)))),
    ...files.timestamps.map(({ input }) => outcome(() => entry.toTimestamp(input))),
    outcome(() => entry.textHash('half a pair \ud800')),
    outcome(() => entry.canonicalize({ text: LONG_TEXTS, date: new Date(0) })),
  ]
}

/** Of lengths and kinds that take different ways through the writer. */
const LONG_TEXTS = [
  'a'.repeat(70_000),
  'ж漢'.repeat(10_000),
  'ж漢'.repeat(20_000),
  'e\u0301'.repeat(50),
  '\u{1F600}"\n',
]

function outcome(run: () => unknown): string {
  try {
    return String(run())
  } catch (error) {
    return error instanceof Error ? `${Reflect.get(error, 'code')} ${Reflect.get(error, 'path')}` : 'no error'
  }
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
}

/** Sections of a WebAssembly binary that are rewritten. */
const IMPORT = 2
const GLOBAL = 6
const EXPORT = 7
const CODE = 10
const HEADER_LENGTH = 8
/** What the rewritten module exports its count as. */
export const METER = 'calls_made'

/**
 * The same WebAssembly module with a counter: every function of it counts its calls in one exported global, and traps when that
 * comes from below to 0. The count is the same on every machine, which a clock is not, and the module's own progress reports do not
 * bound the work between them: a scanner of a grammar may ask for the next character for ever.
 *
 * Only for pinned modules: it trusts that the binary is well formed, and reads no more of it than it rewrites.
 */
export function meteredModule(binary: Uint8Array): Uint8Array<ArrayBuffer> {
  const reader = new BinaryReader(binary, HEADER_LENGTH)
  const sections: { id: number; body: Uint8Array }[] = []
  while (reader.at < binary.length) {
    const id = reader.byte()
    sections.push({ id, body: reader.take(reader.number()) })
  }
  const bodyOf = (wanted: number) => sections.find(({ id }) => id === wanted)?.body ?? new Uint8Array([0])
  const meter = importedGlobals(bodyOf(IMPORT)) + new BinaryReader(bodyOf(GLOBAL)).number()
  const rewritten: Readonly<Record<number, (body: Uint8Array) => Uint8Array>> = {
    // A mutable i32 that starts at 0.
    [GLOBAL]: (body) => withEntry(body, [0x7f, 0x01, 0x41, 0x00, 0x0b]),
    [EXPORT]: (body) => withEntry(body, [METER.length, ...new TextEncoder().encode(METER), 0x03, ...leb(meter)]),
    [CODE]: (body) => withPrologue(body, meter),
  }
  return joined([
    binary.subarray(0, HEADER_LENGTH),
    ...sections.flatMap(({ id, body }) => {
      const content = rewritten[id]?.(body) ?? body
      return [Uint8Array.of(id, ...leb(content.length)), content]
    }),
  ])
}

/** How many globals come from outside; those of the module itself are numbered behind them. */
function importedGlobals(body: Uint8Array): number {
  const reader = new BinaryReader(body)
  let globals = 0
  for (let left = reader.number(); left > 0; left -= 1) {
    reader.take(reader.number())
    reader.take(reader.number())
    const kind = reader.byte()
    if (kind === 0x00) reader.number()
    else if (kind === 0x03) {
      globals += 1
      reader.take(2)
    } else {
      // A table has a type before its limits, a memory only limits.
      if (kind === 0x01) reader.byte()
      const hasMaximum = reader.byte() & 1
      reader.number()
      if (hasMaximum) reader.number()
    }
  }
  return globals
}

function withEntry(body: Uint8Array, entry: readonly number[]): Uint8Array {
  const reader = new BinaryReader(body)
  const count = reader.number()
  return joined([Uint8Array.from(leb(count + 1)), reader.rest(), Uint8Array.from(entry)])
}

/** Adds one to the meter, and traps at 0, where each function begins, behind its local variables. */
function withPrologue(body: Uint8Array, meter: number): Uint8Array {
  const [get, set] = [
    [0x23, ...leb(meter)],
    [0x24, ...leb(meter)],
  ]
  const trapAtZero = [...get, 0x45, 0x04, 0x40, 0x00, 0x0b]
  const prologue = Uint8Array.of(...get, 0x41, 0x01, 0x6a, ...set, ...trapAtZero)
  const reader = new BinaryReader(body)
  const count = reader.number()
  const parts: Uint8Array[] = [Uint8Array.from(leb(count))]
  for (let left = count; left > 0; left -= 1) {
    const code = reader.take(reader.number())
    const locals = new BinaryReader(code)
    for (let groups = locals.number(); groups > 0; groups -= 1) {
      locals.number()
      locals.byte()
    }
    parts.push(
      Uint8Array.from(leb(code.length + prologue.length)),
      code.subarray(0, locals.at),
      prologue,
      locals.rest(),
    )
  }
  return joined(parts)
}

class BinaryReader {
  at: number
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes
    this.at = at
  }

  byte(): number {
    return this.#bytes[this.at++] ?? 0
  }

  /** An unsigned number in LEB128. */
  number(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }

  take(length: number): Uint8Array {
    this.at += length
    return this.#bytes.subarray(this.at - length, this.at)
  }

  rest(): Uint8Array {
    return this.#bytes.subarray(this.at)
  }
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(Math.floor(value / 0x80))]
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

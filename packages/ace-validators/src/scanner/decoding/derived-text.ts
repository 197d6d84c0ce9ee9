export interface Range {
  readonly start: number
  readonly end: number
}

/** A text made from another one that still knows where each part of it came from. */
export interface DerivedText {
  readonly text: string
  /** The smallest range of the other text that a range of this one came from, in UTF-16 units. */
  rangeOf(range: Range): Range
}

/** Stands between texts that have nothing to do with each other; no pattern and no gap of one holds it. */
export const BETWEEN = '\n\u00b6\n'

/** Most texts hold little in another spelling. */
const FIRST_CAPACITY = 4096

/** Puts a derived text together, in the order in which it is read. */
export class Derivation {
  readonly #source: string
  readonly #capacity: number
  #units: Uint16Array
  #starts: Int32Array
  #ends: Int32Array
  #length = 0

  /** `capacity` in UTF-16 units; a decoding makes no more than twice as much as it was given. */
  constructor(source: string, capacity = 2 * source.length + BETWEEN.length) {
    this.#source = source
    this.#capacity = capacity
    const first = Math.min(FIRST_CAPACITY, capacity)
    this.#units = new Uint16Array(first)
    this.#starts = new Int32Array(first)
    this.#ends = new Int32Array(first)
  }

  get isEmpty(): boolean {
    return this.#length === 0
  }

  /** Takes over a part of the source, unit by unit. */
  copy(start: number, end: number): void {
    for (let index = start; index < end; index += 1) this.#add(this.#source.charCodeAt(index), index, index + 1)
  }

  /** Adds a text every unit of which stands for all of a part of the source. */
  put(text: string, { start, end }: Range): void {
    for (let index = 0; index < text.length; index += 1) this.#add(text.charCodeAt(index), start, end)
  }

  /** Adds a text every unit of which stands for one of the source. */
  putEach(text: string, start: number): void {
    for (let index = 0; index < text.length; index += 1)
      this.#add(text.charCodeAt(index), start + index, start + index + 1)
  }

  finish(): DerivedText {
    const starts = this.#starts
    const ends = this.#ends
    return {
      text: Buffer.from(this.#units.buffer, 0, this.#length * 2).toString('utf16le'),
      rangeOf: (range) => ({
        start: starts.subarray(range.start, range.end).reduce((least, start) => Math.min(least, start), Infinity),
        end: ends.subarray(range.start, range.end).reduce((most, end) => Math.max(most, end), 0),
      }),
    }
  }

  #add(unit: number, start: number, end: number): void {
    if (this.#length === this.#units.length) this.#grow()
    this.#units[this.#length] = unit
    this.#starts[this.#length] = start
    this.#ends[this.#length] = end
    this.#length += 1
  }

  #grow(): void {
    if (this.#length === this.#capacity) throw new RangeError('A decoding made more text than it was given.')
    const capacity = Math.min(this.#capacity, 4 * this.#length)
    this.#units = copied(new Uint16Array(capacity), this.#units)
    this.#starts = copied(new Int32Array(capacity), this.#starts)
    this.#ends = copied(new Int32Array(capacity), this.#ends)
  }
}

function copied<Numbers extends Uint16Array | Int32Array>(larger: Numbers, numbers: Numbers): Numbers {
  larger.set(numbers)
  return larger
}

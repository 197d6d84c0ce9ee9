/** A value of the file, asked for what it should hold. Whatever it holds instead is as good as absent. */
export class Fields {
  readonly value: unknown

  constructor(value: unknown) {
    this.value = value
  }

  /** Of JSON text; of nothing, when it is none. */
  static of(text: string): Fields {
    try {
      return new Fields(JSON.parse(text))
    } catch {
      return new Fields(undefined)
    }
  }

  at(...path: readonly string[]): Fields {
    let value = this.value
    for (const key of path) value = isObject(value) && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
    return new Fields(value)
  }

  text(...path: readonly string[]): string | undefined {
    const { value } = this.at(...path)
    return typeof value === 'string' ? value : undefined
  }

  number(...path: readonly string[]): number | undefined {
    const { value } = this.at(...path)
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined
  }

  flag(...path: readonly string[]): boolean {
    return this.at(...path).value === true
  }

  list(...path: readonly string[]): Fields[] {
    const { value } = this.at(...path)
    return Array.isArray(value) ? value.map((item) => new Fields(item)) : []
  }

  texts(...path: readonly string[]): string[] {
    return this.list(...path).flatMap(({ value }) => (typeof value === 'string' ? [value] : []))
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Values that follow from their key alone, such as what bytes of one hash parse to. */
export interface RememberedValues<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
}

/** The newest `most` values; older ones are made again when they are asked for. */
export function rememberValues<Value>(most: number): RememberedValues<Value> {
  const values = new Map<string, Value>()
  return {
    get: (key) => values.get(key),
    set(key, value) {
      values.delete(key)
      values.set(key, value)
      const [oldest] = values.size > most ? values.keys() : []
      if (oldest !== undefined) values.delete(oldest)
    },
  }
}

/** The value of a key, made by `make` when it is not remembered. */
export function onceFor<Value>(values: RememberedValues<Value>, key: string, make: () => Value): Value {
  const known = values.get(key)
  if (known !== undefined) return known
  const made = make()
  values.set(key, made)
  return made
}

import { readFileSync } from 'node:fs'

const FOLDER = new URL('../../../vectors/canonical-json/', import.meta.url)

export function vectorFile(path: string): Buffer {
  return readFileSync(new URL(path, FOLDER))
}

/** The vectors of one file, each with its own fields. */
export function vectors<T>(name: string): T[] {
  return JSON.parse(vectorFile(name).toString('utf8')).vectors
}

/** What JSON text cannot say: put at a pointer of the parsed value, or added to the container there. */
export interface HostValue {
  path: string
  kind: string
  utc?: string
  to?: string
}

interface Described {
  input_json: string
  host_values?: HostValue[]
}

/** The value a vector describes. */
export function hostInput({ input_json, host_values = [] }: Described): unknown {
  const root = { value: JSON.parse(input_json) }
  for (const host of host_values) place(root, host)
  return root.value
}

function place(root: { value: unknown }, host: HostValue): void {
  if (host.kind === 'add-symbol-key') {
    Reflect.set(at(root, host.path), Symbol('key'), 1)
    return
  }
  const slash = host.path.lastIndexOf('/')
  const holder = slash < 0 ? root : at(root, host.path.slice(0, slash))
  const key = slash < 0 ? 'value' : host.path.slice(slash + 1)
  if (host.kind === 'hole') Reflect.deleteProperty(holder, key)
  else if (host.kind === 'add-property') Reflect.set(holder, key, 1)
  else if (host.kind === 'getter')
    Object.defineProperty(holder, key, { get: userCode, enumerable: true, configurable: true })
  else if (host.kind === 'setter')
    Object.defineProperty(holder, key, { set: userCode, enumerable: true, configurable: true })
  else if (host.kind === 'reference') Reflect.set(holder, key, at(root, host.to ?? ''))
  else Reflect.set(holder, key, hostValue(host))
}

function at(root: { value: unknown }, path: string): object {
  const found = path
    .split('/')
    .slice(1)
    .reduce<unknown>((value, key) => Reflect.get(Object(value), key), root.value)
  return Object(found)
}

function userCode(): never {
  throw new Error('user code ran')
}

function hostValue({ kind, utc }: HostValue): unknown {
  const made = HOST_VALUES[kind]
  if (kind === 'date' && utc !== undefined) return new Date(utc)
  if (made === undefined) throw new Error(`Expected a known kind of host value, got ${kind}.`)
  return made()
}

const HOST_VALUES: Record<string, () => unknown> = {
  undefined: () => undefined,
  nan: () => NaN,
  bigint: () => 1n,
  function: () => userCode,
  symbol: () => Symbol('value'),
  'boxed-number': () => Object(1),
  'boxed-string': () => Object('text'),
  map: () => new Map([['a', 1]]),
  set: () => new Set([1]),
  regexp: () => /a/,
  'typed-array': () => new Uint8Array([1]),
  buffer: () => Buffer.from('a'),
  error: () => new Error('message'),
  'class-instance': () =>
    new (class Point {
      x = 1
    })(),
  'array-subclass': () => new (class List extends Array<number> {})(1, 2),
  'date-subclass': () => new (class Day extends Date {})(0),
  'invalid-date': () => new Date(NaN),
  proxy: () =>
    new Proxy(
      { a: 1 },
      { get: userCode, ownKeys: userCode, getOwnPropertyDescriptor: userCode, getPrototypeOf: userCode },
    ),
}

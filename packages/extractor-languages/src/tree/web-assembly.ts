/** What is used here of Node's WebAssembly. */
interface NodeWebAssembly {
  readonly Module: new (binary: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> }
  readonly Global: new (type: object, value: number) => { value: number }
}

/** Its types come with those of browsers only, so it is looked up. */
export const WebAssembly: NodeWebAssembly = Reflect.get(globalThis, 'WebAssembly')

const BUILT_IN = /^import (?:(\{[^}]*\})|(?:\* as )?([\w$]+)) from "(node:[\w/]+)";$/gm

/**
 * The code of a chunk that asks for Node's own modules instead of importing them. An import reads every export of such a module,
 * whatever is used: the streams that `node:util` and `node:fs` load when somebody needs them took a sixth of `ctxlock --help`.
 */
export function withoutBuiltInImports(code: string): string {
  return code.replace(BUILT_IN, (_, named: string | undefined, whole: string | undefined, module: string) => {
    const names = named?.replaceAll(' as ', ': ') ?? whole ?? ''
    return `const ${names} = process.getBuiltinModule("${module}");`
  })
}

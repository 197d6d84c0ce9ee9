import type { ParameterClass } from '@ctxlock/contracts/primitives'

/** Upper bound in billions of parameters, smallest class first (PROV-010). */
const CLASSES: readonly (readonly [number, ParameterClass])[] = [
  [9, 'P7B'],
  [20, 'P13B'],
  [48, 'P32B'],
  [90, 'P72B'],
]

/** The class of a declared size in billions of parameters; `PUnknown` when the size is not known. */
export function parameterClass(billions: number | null): ParameterClass {
  if (billions === null || !(billions > 0)) return 'PUnknown'
  return CLASSES.find(([limit]) => billions <= limit)?.[1] ?? 'P110B'
}

/** Largest first (PROV-067). */
export const LARGEST_FIRST: readonly ParameterClass[] = ['P110B', 'P72B', 'P32B', 'P13B', 'P7B', 'PUnknown']

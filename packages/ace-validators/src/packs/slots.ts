import type { Slot } from './pattern-pack.ts'

/** One of these has to stand here. */
export const words = (...oneOf: readonly string[]): Slot => ({ oneOf })

/** Any of these may stand here, `most` times in all. */
export const optional = (most: number, ...oneOf: readonly string[]): Slot => ({ oneOf, times: [0, most] })

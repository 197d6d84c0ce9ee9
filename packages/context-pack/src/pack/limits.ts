/** How much of a file is read and how much of it a pack may hold. All of it is part of the builder's config hash. */
export interface PackLimits {
  readonly maxSourceBytes: number
  readonly maxAnchors: number
  readonly maxFacts: number
  readonly maxConstraints: number
  readonly maxOpenLoops: number
}

export const DEFAULT_PACK_LIMITS: PackLimits = {
  maxSourceBytes: 4 * 1024 * 1024,
  maxAnchors: 32,
  maxFacts: 32,
  maxConstraints: 16,
  maxOpenLoops: 16,
}

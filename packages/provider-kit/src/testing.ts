export { createTestContext } from './testing/test-context.ts'
export type { TestContext, TestContextOptions } from './testing/test-context.ts'
export { createMemoryEgress } from './testing/memory-egress.ts'
export type { MemoryResponse } from './testing/memory-egress.ts'

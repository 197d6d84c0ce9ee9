export { createTestContext } from './testing/test-context.ts'
export type { TestContext, TestContextOptions } from './testing/test-context.ts'

import { administrationCases } from './administration-cases.ts'
import { answerCases } from './answer-cases.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { embeddingCases } from './embedding-cases.ts'
import { failureCases } from './failure-cases.ts'
import { generationCases } from './generation-cases.ts'
import { manifestCases } from './manifest-cases.ts'
import type { ProviderTarget } from './provider-target.ts'
import { requestCases } from './request-cases.ts'
import { toolCases } from './tool-cases.ts'

/**
 * What every HTTP provider plugin must pass, played over real loopback sockets. Each case starts its own server; none
 * reaches another host. `for (const { name, run } of providerConformance(target)) test(name, run)`.
 */
export function providerConformance(target: ProviderTarget): readonly ConformanceCase[] {
  return [
    ...manifestCases(target),
    ...requestCases(target),
    ...answerCases(target),
    ...generationCases(target),
    ...toolCases(target),
    ...administrationCases(target),
    ...embeddingCases(target),
    ...failureCases(target),
  ]
}

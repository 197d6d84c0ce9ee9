import type { ContextPlan } from '@ctxlock/contracts/context'

/** Why a candidate was taken or left out; part of the ContextPlan, and what `ctxlock why` shows. */
export type Decision = ContextPlan['selection'][number]

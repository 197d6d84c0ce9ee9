import type { Guard, GuardOutcome, GuardPorts } from '@ctxlock/contracts/guards'

import { capture, captureInput } from './capture.ts'

type Hook<Input> = (input: Input) => GuardOutcome | Promise<GuardOutcome>

/**
 * A guard that is somebody else's code, as it is now: a name or a hook that it changes later changes nothing. It gets copies
 * of its own, of bytes too, and ports it cannot change, so that nothing it does reaches what other guards see (VAL-003, VAL-007).
 */
export function foreignGuard(guard: Guard): Guard {
  const { name, version, validatePlan, validateTrace, validateCall } = guard
  const apart = <Input extends { readonly ports: GuardPorts }>(hook: Hook<Input>): Hook<Input> => {
    return (input) => Reflect.apply(hook, guard, [captureInput({ ...input, ports: narrowPorts(input.ports) })])
  }
  return Object.freeze({
    name,
    ...(version !== undefined && { version }),
    ...(validatePlan && { validatePlan: apart(validatePlan) }),
    ...(validateTrace && { validateTrace: apart(validateTrace) }),
    ...(validateCall && { validateCall: apart(validateCall) }),
  })
}

/** The same questions to the host, none of its objects: what comes back is copied. */
function narrowPorts({ resolver, sources, freshness, tokenCounter, redactor, vault, rules }: GuardPorts): GuardPorts {
  return {
    resolver: Object.freeze<GuardPorts['resolver']>({
      describe: (reference) => capture(resolver.describe(reference)),
      bytes: (reference) => capture(resolver.bytes(reference)),
    }),
    sources: Object.freeze<GuardPorts['sources']>({
      read: (path, options) => capture(sources.read(path, options)),
    }),
    freshness: (trace) => capture(freshness(trace)),
    tokenCounter: Object.freeze<GuardPorts['tokenCounter']>({
      id: tokenCounter.id,
      count: (text) => tokenCounter.count(text),
    }),
    redactor: Object.freeze<GuardPorts['redactor']>({
      version: redactor.version,
      detect: (text) => capture(redactor.detect(text)),
      redact: (text) => capture(redactor.redact(text)),
    }),
    vault: Object.freeze<GuardPorts['vault']>({ header: (handle) => capture(vault.header(handle)) }),
    rules: Object.freeze<GuardPorts['rules']>({ has: (anchor) => rules.has(anchor) }),
  }
}

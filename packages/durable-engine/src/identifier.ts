import { EngineError } from '@ctxlock/contracts/engine'
import { Identifier } from '@ctxlock/contracts/primitives'

/** Throws `ID_INVALID`. */
export function demandIdentifier(what: string, id: string): void {
  if (Identifier.safeParse(id).success) return
  throw new EngineError('ID_INVALID', `Expected ${what} to be 1 to 256 characters on one line, got ${id.length}.`)
}

/** The runs that this version of a workflow may go on with. */
export function lineOf(workflow: string, version: string): string {
  return `${workflow}@${version.split('.', 1)[0] ?? version}`
}

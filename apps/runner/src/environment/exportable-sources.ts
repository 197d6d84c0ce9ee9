import { pathOfSourceId } from '@ctxlock/contracts/references'
import ignore from 'ignore'

/**
 * Whether the text of a source may go to a cloud model, once a person agreed to the call (VAL-029): by the config's gitignore
 * patterns; a source that is no file of the workspace comes with
 * ctxlock or from the person who asks.
 */
export function exportableSources(patterns: readonly string[]): (sourceId: string) => boolean {
  const named = ignore({ ignorecase: false }).add([...patterns])
  return (sourceId) => {
    const path = pathOfSourceId(sourceId)
    return path === undefined || named.ignores(path)
  }
}

import type { Decision, Retrieval } from '@ctxlock/context-compiler'
import { fileSourceId } from '@ctxlock/contracts/references'
import { candidateId } from '@ctxlock/contracts/retrieval'

import { CommandError } from '../../command-error.ts'
import { exportableSources } from '../../environment/exportable-sources.ts'
import { EXIT_CODE } from '../../exit-code.ts'

/** What stores may answer a cloud call with. The guard of VAL-029 judges what is built from it, and what is named, all the same. */
export interface ExportableEvidence {
  accepts(path: string): boolean
  /**
   * The retrieval with what was left out among its decisions, for `ctxlock why`. Throws `CloudLeakageBlocked` when nothing else
   * was found: a person would be asked about a question without the sources that answer it.
   */
  conclude(retrieval: Retrieval): Retrieval
}

/** More left out files than this are not worth explaining one by one; stores name the best first. */
const MOST_LEFT_OUT = 50

export function exportableEvidence(patterns: readonly string[]): ExportableEvidence {
  const isExportable = exportableSources(patterns)
  const leftOut = new Set<string>()
  return {
    accepts(path) {
      if (isExportable(fileSourceId(path))) return true
      leftOut.add(path)
      return false
    },
    conclude(retrieval) {
      const paths = [...leftOut]
      if (paths.length > 0 && retrieval.snippets.length === 0) throw nothingExportable(paths)
      return deciding(retrieval, paths.slice(0, MOST_LEFT_OUT).map(notExportable))
    },
  }
}

/** What is taken out later is decided anew; this stays. */
function deciding(retrieval: Retrieval, leftOut: readonly Decision[]): Retrieval {
  return {
    ...retrieval,
    decisions: [...retrieval.decisions, ...leftOut],
    without: (...removed) => deciding(retrieval.without(...removed), leftOut),
  }
}

function notExportable(path: string): Decision {
  const ref = { kind: 'span' as const, id: fileSourceId(path) }
  const candidate_id = candidateId('shadow_ws_lexical', { kind: 'source_ref', ref })
  return { candidate_id, source_id: ref.id, selector: '', included: false, reason: 'not_exportable' }
}

function nothingExportable(paths: readonly string[]): CommandError {
  const named = paths.slice(0, 3).join(', ')
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: 'CloudLeakageBlocked',
    message: `the model is a cloud model, and \`sources.exportable\` names none of the ${paths.length} files that were found: ${named}${paths.length > 3 ? ', …' : ''}`,
    hint: NOT_EXPORTABLE_HINT,
  })
}

export const NOT_EXPORTABLE_HINT =
  'Nothing was sent. Name what may leave in `sources.exportable` of the config, or choose a local model.'

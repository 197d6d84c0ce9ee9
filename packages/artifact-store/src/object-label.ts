import type { Classification } from '@ctxlock/contracts/primitives'
import { ArtifactKind, type ArtifactHandle } from '@ctxlock/contracts/references'

/** What the store keeps beside the bytes. */
export interface ObjectLabel {
  readonly kind: ArtifactKind
  readonly classification: Classification
  readonly exportable: boolean
}

/** From the least to the most confidential; the table holds the place in this list, so that the larger one wins. */
const SENSITIVITIES: readonly Classification[] = ['low', 'medium', 'high']

/** The same bytes put again: the kind stays, the stricter of both labels is kept. */
export const STRICTER_LABEL = `kind = ifnull(kind, excluded.kind),
  sensitivity = max(ifnull(sensitivity, excluded.sensitivity), excluded.sensitivity),
  exportable = min(ifnull(exportable, excluded.exportable), excluded.exportable)`

export const LABEL_CHANGES = 'kind IS NULL OR sensitivity < excluded.sensitivity OR exportable > excluded.exportable'

/** In the order of the columns kind, sensitivity, exportable. */
export function labelValues({ kind, classification, exportable }: ArtifactHandle): [string, number, number] {
  return [kind, SENSITIVITIES.indexOf(classification), Number(exportable)]
}

/** A row that says nothing, or nothing that makes sense, is no label. */
export function labelOf(row: Record<string, unknown> | undefined): ObjectLabel | undefined {
  const kind = ArtifactKind.safeParse(row?.['kind'])
  const classification = SENSITIVITIES[Number(row?.['sensitivity'] ?? -1)]
  if (!kind.success || classification === undefined) return undefined
  return { kind: kind.data, classification, exportable: row?.['exportable'] === 1 }
}

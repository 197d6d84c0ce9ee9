import type { RunPatch } from '@ctxlock/contracts/edits'

import type { Output } from '../output/output.ts'
import type { PlannedFile } from './apply-plan.ts'

/** What a patch will do, for the person who lets it: each file with what it is now, then the diff. */
export function printPlan(output: Output, patch: RunPatch, plan: readonly PlannedFile[], diff: string): void {
  output.line(`run        ${patch.run_id}`)
  for (const planned of plan) {
    const { kind, path } = planned.file
    output.line(`${kind.padEnd(10)} ${visible(path)}${noteOf(planned)}`)
  }
  output.line()
  output.line(visible(diff))
}

function noteOf(planned: PlannedFile): string {
  switch (planned.standing) {
    case 'before':
      return planned.otherNames > 0 ? `   (its ${planned.otherNames} other hard links keep the old content)` : ''
    case 'after':
      return '   (is so already)'
    default:
      return `   refused: ${planned.reason}`
  }
}

/** Characters without a picture of their own can make a diff read as another one. */
function visible(text: string): string {
  return text.replace(/\p{Cf}/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`)
}

export function planJson(plan: readonly PlannedFile[]): object[] {
  return plan.map((planned) => ({
    path: planned.file.path,
    kind: planned.file.kind,
    standing: planned.standing,
    before_hash: planned.file.before?.content_hash ?? null,
    after_hash: planned.file.after.content_hash,
    ...('reason' in planned && { reason: planned.reason }),
  }))
}

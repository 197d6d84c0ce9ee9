import type { ComponentChildren } from 'preact'

import type { ApiFailure } from '../api.ts'
import { Text } from './text.tsx'

/** Why something is not shown, and what to do about it. */
export function Failure({
  of,
}: {
  readonly of: Pick<ApiFailure['error'], 'code' | 'message'> & { readonly hint?: string | undefined }
}) {
  if (of.code === 'NOTHING_RECORDED') return <NothingRecorded />
  return (
    <div class="notice bad" role="alert">
      <p>
        <Text of={of.message} />
      </p>
      {of.hint !== undefined && (
        <p class="quiet">
          <Text of={of.hint} />
        </p>
      )}
    </div>
  )
}

/** A view without content: what would stand here, and how it comes here. */
export function Empty({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      <p>{children}</p>
    </div>
  )
}

function NothingRecorded() {
  return (
    <Empty title="Nothing is recorded here yet">
      Run <code>ctxlock ask "How does this work?"</code> in this workspace. The run appears here while it happens.
    </Empty>
  )
}

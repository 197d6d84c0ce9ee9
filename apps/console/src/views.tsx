import type { ComponentType } from 'preact'

import type { Route } from './router.ts'
import { ApprovalsView } from './views/approvals.tsx'
import { CallView } from './views/call.tsx'
import { LogView } from './views/log.tsx'
import { PacksView } from './views/packs.tsx'
import { RunsView } from './views/runs.tsx'
import { UsageView } from './views/usage.tsx'

export interface View {
  /** As it stands in the address. */
  readonly name: string
  /** In the navigation; a view without one is reached from others. */
  readonly label?: string
  /** The letter that opens it, after `g`. */
  readonly letter?: string
  readonly View: ComponentType<{ readonly route: Route }>
}

/** Every view there is, in the order of the navigation. */
export const VIEWS: readonly View[] = [
  { name: 'runs', label: 'Runs', letter: 'r', View: RunsView },
  { name: 'approvals', label: 'Approvals', letter: 'a', View: ApprovalsView },
  { name: 'usage', label: 'Usage', letter: 'u', View: UsageView },
  { name: 'packs', label: 'Packs', letter: 'p', View: PacksView },
  { name: 'log', label: 'Log', letter: 'l', View: LogView },
  { name: 'calls', View: CallView },
]

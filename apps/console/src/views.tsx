import type { ComponentType } from 'preact'

import type { Route } from './router.ts'
import { RunsView } from './views/runs.tsx'

export interface View {
  /** As it stands in the address. */
  readonly name: string
  /** In the navigation. */
  readonly label: string
  readonly View: ComponentType<{ readonly route: Route }>
}

/** Every view there is, in the order of the navigation. */
export const VIEWS: readonly View[] = [{ name: 'runs', label: 'Runs', View: RunsView }]

/** Every seed that ever failed, and the mistake of the engine it showed. */
export const FAILING_SEEDS: readonly { readonly seed: number; readonly showed: string }[] = [
  { seed: 41, showed: 'a start freed its worker before its run was begun: more runs than workers' },
  { seed: 30_049, showed: 'a start freed the worker that another one had reserved for the same run' },
  { seed: 40_069, showed: 'two looks at once: the second one parked the run with nothing left to wait for' },
  { seed: 303_176, showed: 'a life that was over parked the run that its process had taken up again' },
]

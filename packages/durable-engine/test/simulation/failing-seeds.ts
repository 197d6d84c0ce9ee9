/** Every seed that ever failed, and the mistake it showed: first of the engine, then of the simulator, which asked for too much. */
export const FAILING_SEEDS: readonly { readonly seed: number; readonly showed: string }[] = [
  { seed: 41, showed: 'a start freed its worker before its run was begun: more runs than workers' },
  { seed: 30_049, showed: 'a start freed the worker that another one had reserved for the same run' },
  { seed: 40_069, showed: 'two looks at once: the second one parked the run with nothing left to wait for' },
  { seed: 303_176, showed: 'a life that was over parked the run that its process had taken up again' },
  { seed: 10_070, showed: 'a time is over when a clock reached it once, also if it was set back' },
  { seed: 10_553, showed: 'what fails in a process that lost the run does not begin the wait for the next attempt' },
  { seed: 10_813, showed: 'an answer from before a run was resumed may come after it' },
  { seed: 14_103, showed: 'an answer from before a run was resumed may come after it' },
  { seed: 20_475, showed: 'what fails after its time does not begin the wait for the next attempt' },
  { seed: 30_120, showed: 'a signal that a failed run refused may be accepted when it is resumed' },
  { seed: 70_002, showed: 'a clock that is set between an activity and the engine makes the two see different times' },
  { seed: 200_027, showed: 'a process that lost a run may still have an attempt when another one parks it' },
  { seed: 300_976, showed: 'code changes for all processes or for none' },
]

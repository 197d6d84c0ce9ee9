const LOOP_ALIASES: ReadonlyMap<string, string> = new Map([
  ['MT-LOOP-STARTED', 'FR-EVT-MT-001'],
  ['MT-ITERATION-STARTED', 'FR-EVT-MT-002'],
  ['MT-ITERATION-COMPLETE', 'FR-EVT-MT-003'],
  ['MT-COMPLETE', 'FR-EVT-MT-004'],
  ['MT-ESCALATED', 'FR-EVT-MT-005'],
  ['MT-HARD-GATE', 'FR-EVT-MT-006'],
  ['MT-PAUSE-REQUESTED', 'FR-EVT-MT-007'],
  ['MT-RESUMED', 'FR-EVT-MT-008'],
  ['MT-LOOP-COMPLETED', 'FR-EVT-MT-009'],
  ['MT-LOOP-FAILED', 'FR-EVT-MT-010'],
  ['MT-VALIDATION', 'FR-EVT-MT-012'],
  ['MT-LORA-SELECTION', 'FR-EVT-MT-013'],
  ['MT-SKIPPED', 'FR-EVT-MT-016'],
  ['LLM-INFERENCE', 'FR-EVT-006'],
])

/** The catalogue id behind a name used without a number, with or without `FR-EVT-`; for queries only (REC-026). */
export function resolveEventAlias(name: string): string {
  return LOOP_ALIASES.get(name.replace(/^FR-EVT-/, '')) ?? name
}

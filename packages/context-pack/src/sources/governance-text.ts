/** Governance text that must be inside a pack, never be read from the repository while a call is made (CP-007). */
export function isGovernanceText(path: string): boolean {
  return path === '.GOV' || path.startsWith('.GOV/')
}

/** Unicode version of the normaliser in use: recorded once per run, since unassigned characters may change
 * (CJ-022). A browser does not tell. */
export const unicodeVersion: string = globalThis.process?.versions?.['unicode'] ?? 'none'

/** Unicode version of the normaliser in use: recorded once per run, since unassigned characters may change (CJ-022). */
export const unicodeVersion: string = process.versions['unicode'] ?? 'none'

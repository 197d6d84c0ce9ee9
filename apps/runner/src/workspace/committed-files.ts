/** What a team commits beside its sources. */
export const CONFIG_FILE = 'ctxlock.config.json'
export const LOCKFILE = 'ctxlock.lock'
export const WAIVERS_FILE = 'ctxlock.waivers.json'

/** Where a workspace keeps what ctxlock makes and nobody commits. */
export const STATE_FOLDER = '.ctxlock'
export const STATE_DATABASE = 'state.db'

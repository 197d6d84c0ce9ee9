/** The beginning of a call id. */
export const CALL_ID = /^[0-9a-f]{4,8}(?:-[0-9a-f-]*)?$/

// Domains of the workspace's keyed digests: the same bytes have another digest in each.
export const PAYLOAD_DIGEST = 'ctxlock.call.payload@1'
export const ANSWER_DIGEST = 'ctxlock.call.answer@1'
export const WIRE_DIGEST = 'ctxlock.call.wire@1'
export const EMBEDDING_DIGEST = 'ctxlock.embedding.texts@1'
/** Of names in bundles that leave them out. */
export const EXPORTED_NAME_DIGEST = 'ctxlock.export.name@1'
export const REPORT_DIGEST = 'ctxlock.call.report@1'
export const RECORD_SALT = 'ctxlock.call.record-salt@1'
export const LITERAL_SALT = 'ctxlock.call.literal-salt@1'
export const QUERY_VEIL = 'ctxlock.call.query-veil@1'

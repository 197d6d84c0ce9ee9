export type PluginErrorCode = 'INVALID_PLUGINS' | 'UNKNOWN_PLUGIN' | 'INVALID_OPTIONS' | 'INVALID_PORT'

/** One thing that is wrong, and with which plugin. */
export interface PluginIssue {
  /** Where the plugin came from, or its kind and name. */
  readonly plugin: string
  readonly message: string
}

/** `INVALID_PLUGINS` lists everything wrong with all of them, so that one run is enough to mend them. */
export class PluginError extends Error {
  override readonly name = 'PluginError'
  readonly code: PluginErrorCode
  readonly issues: readonly PluginIssue[]

  constructor(code: PluginErrorCode, summary: string, issues: readonly PluginIssue[], options?: ErrorOptions) {
    super([summary, ...issues.map(({ plugin, message }) => `  ${plugin}: ${message}`)].join('\n'), options)
    this.code = code
    this.issues = issues
  }
}

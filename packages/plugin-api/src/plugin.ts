import type { PluginContext, PluginKind, PluginPorts } from '@ctxlock/contracts/plugin'
import type { ChatEncoder } from '@ctxlock/contracts/provider'
import type { StandardSchemaV1 } from '@standard-schema/spec'

/** Changes only when older plugins would stop working. */
export const API_VERSION = 'ctxlock.plugin@1'

/** A plugin is data plus one function: it can be listed without being started. */
export interface Plugin<Kind extends PluginKind = PluginKind, Options = unknown> {
  readonly apiVersion: typeof API_VERSION
  readonly kind: Kind
  /** Unique within its kind; `[a-z0-9][a-z0-9_-]{0,63}`. */
  readonly name: string
  /** Any Standard Schema. The host validates with it; `create` sees good options only. */
  readonly options: StandardSchemaV1<unknown, Options>
  /** Starts the plugin. `context` is its only way to the outside world. Makes no request by itself. */
  create(options: Options, context: PluginContext): PluginPorts[Kind]
  /** Of providers: their wire form alone, so that recorded requests can be made again without a client. */
  encoder?(options: Options): ChatEncoder
}

interface PluginDefinition<Kind extends PluginKind, Schema extends StandardSchemaV1> {
  readonly apiVersion: typeof API_VERSION
  readonly kind: Kind
  readonly name: string
  readonly options: Schema
  create(options: StandardSchemaV1.InferOutput<Schema>, context: PluginContext): PluginPorts[Kind]
  encoder?(options: StandardSchemaV1.InferOutput<Schema>): ChatEncoder
}

/** Types a plugin by its options schema and freezes it. Checks nothing: the registry does, with every other plugin. */
export function definePlugin<Kind extends PluginKind, Schema extends StandardSchemaV1>(
  definition: PluginDefinition<Kind, Schema>,
): Plugin<Kind, StandardSchemaV1.InferOutput<Schema>> {
  return Object.freeze(definition)
}

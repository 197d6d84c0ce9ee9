export { API_VERSION, definePlugin } from './plugin.ts'
export type { Plugin } from './plugin.ts'

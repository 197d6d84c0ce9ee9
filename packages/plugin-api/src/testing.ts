export { startFakeServer, startTrap } from './testing/fake-server.ts'
export type { FakeServer, Script, ScriptedBytes, ScriptedResponse, Trap } from './testing/fake-server.ts'
export type { RecordedRequest } from './testing/request-parser.ts'

export { ExampleWorkspace as Workspace, handleOf } from '@ctxlock/contracts/testing'

// What a model may see, as it is stored (spec 02): packs of sources, of a role and of a work unit, and what binds them to a call.
export * from './packs/binding.ts'
export * from './packs/context-pack.ts'
export * from './packs/role-pack.ts'
export * from './packs/work-unit-pack.ts'

// `npm run measure -- <name> [options]`: detection and conformance figures. The last line is one JSON object.
interface Measurement {
  measure(args: readonly string[]): Promise<object>
}

const MEASUREMENTS: Readonly<Record<string, () => Promise<Measurement>>> = {
  anchors: () => import('./measure/anchors.ts'),
  baselines: () => import('./measure/baselines.ts'),
  'bundle-attacks': () => import('./measure/bundle-attacks.ts'),
  canonical: () => import('./measure/canonical.ts'),
  'dictionary-attack': () => import('./measure/dictionary-attack.ts'),
  'engine-kills': () => import('./measure/engine-kills.ts'),
  'engine-mutants': () => import('./measure/engine-mutants.ts'),
  'engine-simulation': () => import('./measure/engine-simulation.ts'),
  'export-markers': () => import('./measure/export-markers.ts'),
  'executor-kills': () => import('./measure/executor-kills.ts'),
  'executor-poison': () => import('./measure/executor-poison.ts'),
  freshness: () => import('./measure/freshness.ts'),
  'io-faults': () => import('./measure/io-faults.ts'),
  jcs: () => import('./measure/jcs.ts'),
  leakage: () => import('./measure/leakage.ts'),
  lock: () => import('./measure/lock.ts'),
  startup: () => import('./measure/startup.ts'),
  console: () => import('./measure/console.ts'),
  corruption: () => import('./measure/corruption.ts'),
  injection: () => import('./measure/injection.ts'),
  'planted-secrets': () => import('./measure/planted-secrets.ts'),
  paths: () => import('./measure/paths.ts'),
  poison: () => import('./measure/poison.ts'),
  secrets: () => import('./measure/secrets.ts'),
  retrieval: () => import('./measure/retrieval.ts'),
  'replay-mutations': () => import('./measure/replay-mutations.ts'),
  scale: () => import('./measure/scale.ts'),
  'show-bytes': () => import('./measure/show-bytes.ts'),
  'scan-speed': () => import('./measure/scan-speed.ts'),
  'lock-determinism': () => import('./measure/lock-determinism.ts'),
  'provider-cases': () => import('./measure/provider-cases.ts'),
  ssrf: () => import('./measure/ssrf.ts'),
  streams: () => import('./measure/streams.ts'),
  'log-attacks': () => import('./measure/log-attacks.ts'),
  marker: () => import('./measure/marker.ts'),
  'model-swap': () => import('./measure/model-swap.ts'),
  'swap-rules': () => import('./measure/swap-rules.ts'),
  'swap-steps': () => import('./measure/swap-steps.ts'),
  'real-server': () => import('./measure/real-server.ts'),
  'tree-changes': () => import('./measure/tree-changes.ts'),
  'tree-hash': () => import('./measure/tree-hash.ts'),
}

const [name = '', ...args] = process.argv.slice(2)
const load = Object.hasOwn(MEASUREMENTS, name) ? MEASUREMENTS[name] : undefined
if (load === undefined) {
  console.error(`Expected one of ${Object.keys(MEASUREMENTS).join(', ')}; got ${name === '' ? 'nothing' : name}.`)
  process.exitCode = 2
} else {
  try {
    const measurement = await load()
    console.log(JSON.stringify(await measurement.measure(args)))
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}

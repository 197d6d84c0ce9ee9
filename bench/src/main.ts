// `npm run bench [-- name …]`: timings, each beside its peer and its limit in the same interleaved run.
interface Benchmark {
  run(): Promise<object>
}

const BENCHMARKS: Readonly<Record<string, () => Promise<Benchmark>>> = {
  'canonical-json': () => import('./canonical-json.ts'),
  'durable-append': () => import('./durable-append.ts'),
  'durable-engine': () => import('./durable-engine.ts'),
  iteration: () => import('./iteration.ts'),
  scan: () => import('./scan.ts'),
  redactor: () => import('./redactor.ts'),
  lock: () => import('./lock.ts'),
  'provider-call': () => import('./provider-call.ts'),
}

const asked = process.argv.slice(2)
const unknown = asked.find((name) => !Object.hasOwn(BENCHMARKS, name))
if (unknown !== undefined) {
  console.error(`Expected any of ${Object.keys(BENCHMARKS).join(', ')}; got ${unknown}.`)
  process.exitCode = 2
} else {
  console.log(`Node ${process.versions.node}, Unicode ${process.versions.unicode}; medians of interleaved runs`)
  for (const [name, load] of Object.entries(BENCHMARKS)) {
    if (asked.length > 0 && !asked.includes(name)) continue
    const benchmark = await load()
    const result = await benchmark.run()
    console.log(`\n${name}`)
    const rows: unknown = Reflect.get(result, 'rows')
    if (Array.isArray(rows)) console.table(rows)
    else console.log(JSON.stringify(result, null, 2))
  }
}

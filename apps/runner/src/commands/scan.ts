import { scannerFor } from '@ctxlock/ace-validators/scanner'

import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { createSourceExclusion } from '../environment/source-exclusion.ts'
import { createSourceTrust } from '../environment/source-trust.ts'
import { listWorkspace } from '../environment/workspace-listing.ts'
import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { workspaceSources } from '../environment/workspace-sources.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { scanLines } from '../output/scan-lines.ts'
import { namedSources } from '../scan/named-sources.ts'
import { outlookOf } from '../scan/outlook.ts'
import { scanPolicy } from '../scan/scan-policy.ts'
import { scanSources } from '../scan/source-scan.ts'
import { standingJson } from '../waivers/waiver-standing.ts'
import { waiversNow } from '../waivers/workspace-waivers.ts'
import { loadConfig } from '../workspace/config-file.ts'

/** `ctxlock scan`: which sources would be quarantined or poison a job, before there is one. Writes nothing; a hit exits with 0. */
export async function scan(paths: readonly string[], context: CommandContext<GlobalOptions>): Promise<number> {
  const { output } = context
  const root = workspaceOf(context)
  const named = namedSources(root, process.cwd(), paths)
  const { config } = loadConfig(root)
  const { files, excluded } = listWorkspace(root, config.sources)
  const sources = workspaceSources(
    {
      listing: () => ({ files: files.filter(({ path }) => named.has(path)), excluded }),
      sourceExclusion: createSourceExclusion(config.sources.keep),
      reader: createWorkspaceReader(root),
      config,
    },
    output.progress,
  )
  const waivers = waiversNow(root, config)
  const found = scanSources(sources, {
    scanner: scannerFor(scanPolicy(config.policy)),
    onCandidateHit: config.policy.onCandidateHit,
    trustMin: config.policy.trustMin,
    trustOf: createSourceTrust(config.sources.trust),
    waiverFor: (path, hash) =>
      waivers.find(
        ({ waiver, state }) => state === 'in_force' && waiver.path === path && waiver.content_sha256 === hash,
      )?.waiver,
  })
  named.requireEach(found.sources)
  const outlook = outlookOf(found, config.policy.retrieval.max_snippets_total)
  output.result({
    ok: true,
    sources: found.sources.length,
    not_text: found.notText,
    distrusted: found.distrusted,
    snippets: found.snippets,
    poisoning: found.poisoning,
    quarantined: found.quarantined,
    waived: found.waived,
    share: outlook.share,
    snippets_per_call: outlook.snippetsPerCall,
    chance_of_poison: outlook.chanceOfPoison,
    packs: config.policy.injectionPacks,
    on_candidate_hit: config.policy.onCandidateHit,
    waivers: waivers.map(standingJson),
    hits: found.hits,
  })
  for (const line of scanLines(found, outlook, waivers)) output.line(line)
  return EXIT_CODE.done
}

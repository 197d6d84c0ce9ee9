import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { parseRules, strictRulesTokens } from '@ctxlock/context-pack'
import type { ProviderConfig } from '@ctxlock/contracts/provider'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'

import { CommandError } from '../command-error.ts'
import { writeFileAtomically } from '../environment/files.ts'
import { nodeEnvironment } from '../environment/node-environment.ts'
import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { CommandContext, GlobalOptions } from './command-context.ts'
import { findLocalServers } from '../providers/local-servers.ts'
import { BUILT_IN_RULES } from '../session/built-in-rules.ts'
import { CONFIG_FILE } from '../workspace/config-file.ts'
import { EMBEDDED_PROVIDER, singleModelProfile } from '../workspace/default-config.ts'
import { workspaceOf } from './workspace-of.ts'

interface InitOptions extends GlobalOptions {
  readonly force?: boolean
}

/** Files that teams keep rules in; only what exists and fits becomes a rule source, and the config says so in the open. */
const RULE_FILES = ['AGENTS.md', 'CLAUDE.md', '.github/copilot-instructions.md']
const RULE_TOKENS = 600

/** `ctxlock init`: writes the config from what is found here, and explains it. */
export async function init(_: readonly string[], context: CommandContext<InitOptions>): Promise<number> {
  const { output, options } = context
  const root = workspaceOf(context)
  const path = join(root, CONFIG_FILE)
  if (existsSync(path) && options.force !== true) {
    throw new CommandError({
      exit: EXIT_CODE.usage,
      code: 'CONFIG_EXISTS',
      message: `${path} exists already`,
      hint: 'Edit it, or run `ctxlock init --force` to replace it.',
    })
  }
  const rules = findRules(root)
  output.progress('looking for model servers on this machine')
  const servers = await findLocalServers(nodeEnvironment)
  const providers: ProviderConfig[] = [EMBEDDED_PROVIDER, ...servers.map(({ config }) => config)]
  const config = {
    schema_version: 'ctxlock.config@1',
    rules: { files: rules.taken, max_tokens: rules.maxTokens },
    providers,
    profiles: [singleModelProfile('default', EMBEDDED_PROVIDER.default_model_id)],
    active_profile: 'default',
  }
  writeFileAtomically(path, `${JSON.stringify(config, null, 2)}\n`)
  output.result({
    ok: true,
    config: CONFIG_FILE,
    rule_files: rules.taken,
    left_out: rules.leftOut,
    providers: providers.map(({ provider_id, base_url }) => ({ provider_id, base_url })),
  })
  output.line(`wrote ${CONFIG_FILE}`)
  output.line()
  output.line(
    rules.taken.length === 0
      ? 'rules      none found; only the built-in rules hold'
      : `rules      ${rules.taken.join(', ')}: sentences with MUST, NEVER or ALWAYS bind every call`,
  )
  for (const { path: left, reason } of rules.leftOut) output.line(`           ${left} left out: ${reason}`)
  output.line('provider   embedded: extractive, no model, no network; it serves every role for now')
  for (const {
    name,
    config: { provider_id, base_url, default_model_id },
  } of servers) {
    output.line(
      `           ${provider_id}: ${name} at ${base_url ?? ''}, model ${default_model_id}; try: ctxlock ask --model ${default_model_id} "…"`,
    )
  }
  if (servers.length === 0) output.line('           no Ollama or OpenAI-compatible server answered on loopback')
  output.line('state      .ctxlock/ (ignored by git) keeps the record; nothing leaves this machine')
  output.line()
  output.line('next       ctxlock lock && ctxlock check, then commit ctxlock.lock')
  return EXIT_CODE.done
}

function findRules(root: string) {
  const reader = createWorkspaceReader(root)
  const taken: string[] = []
  const leftOut: { path: string; reason: string }[] = []
  let rules = [...BUILT_IN_RULES]
  for (const path of RULE_FILES) {
    const read = reader.read(path)
    if (read.status === 'missing') continue
    if (read.status !== 'read') {
      leftOut.push({ path, reason: read.status.replaceAll('_', ' ') })
      continue
    }
    const parsed = parse(read.bytes, path)
    if (parsed.length === 0) {
      leftOut.push({ path, reason: 'no sentence with MUST, NEVER or ALWAYS in it' })
    } else if (strictRulesTokens([...rules, ...parsed], codePointsPerFour) > RULE_TOKENS) {
      leftOut.push({
        path,
        reason: `its ${parsed.length} rules need more than the ${RULE_TOKENS} tokens that are always sent`,
      })
    } else {
      rules = [...rules, ...parsed]
      taken.push(path)
    }
  }
  const needed = strictRulesTokens(rules, codePointsPerFour)
  return { taken, leftOut, maxTokens: needed > 300 ? RULE_TOKENS : 300 }
}

function parse(bytes: Uint8Array, path: string) {
  try {
    return [...parseRules(bytes, path).rules]
  } catch {
    return []
  }
}

import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { CommandError } from '../command-error.ts'
import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { writeFileAtomically } from '../environment/files.ts'
import { nodeEnvironment } from '../environment/node-environment.ts'
import { listWorkspace } from '../environment/workspace-listing.ts'
import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { lockfileIgnored, lockfileIgnoredText } from '../git/lockfile-ignored.ts'
import { isInGit } from '../git/repository.ts'
import { askForOffers, namedOffers, offerText } from '../init/agreement.ts'
import { chooseRules } from '../init/choose-rules.ts'
import { findRuleOffers } from '../init/rule-offers.ts'
import { workspaceLines } from '../output/workspace-lines.ts'
import { findLocalServers } from '../providers/local-servers.ts'
import { sourceTest } from '../session/rule-places.ts'
import { CONFIG_FILE } from '../workspace/committed-files.ts'
import { EMBEDDED_PROVIDER, singleModelProfile } from '../workspace/default-config.ts'

interface InitOptions extends GlobalOptions {
  readonly force?: boolean
  /** Names of conventions and skills that may govern. */
  readonly convention?: readonly string[]
}

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
  const rules = await agreedRules(root, context)
  output.progress('looking for model servers on this machine')
  const servers = await findLocalServers(nodeEnvironment)
  const config = initialConfig(rules, servers)
  writeFileAtomically(path, `${JSON.stringify(config, null, 2)}\n`)
  const { choice, leftOut, offered } = rules
  output.result({
    ok: true,
    config: CONFIG_FILE,
    rule_files: choice.files,
    conventions: choice.conventions,
    skills: choice.skills,
    left_out: leftOut,
    offered: offered.map(({ name, files, rules: count }) => ({ name, files, rules: count })),
    providers: config.providers.map(({ provider_id, base_url }) => ({ provider_id, base_url })),
  })
  for (const line of workspaceLines(root, context.workspace)) output.line(line)
  for (const line of initLines(rules, servers, root)) output.line(line)
  return EXIT_CODE.done
}

type AgreedRules = Awaited<ReturnType<typeof agreedRules>>
type LocalServers = Awaited<ReturnType<typeof findLocalServers>>

function initialConfig({ choice, maxTokens }: AgreedRules, servers: LocalServers) {
  return {
    schema_version: 'ctxlock.config@1',
    rules: {
      files: choice.files,
      ...(choice.conventions.length > 0 && { conventions: choice.conventions }),
      ...(choice.skills.length > 0 && { skills: choice.skills }),
      max_tokens: maxTokens,
    },
    providers: [EMBEDDED_PROVIDER, ...servers.map(({ config }) => config)],
    profiles: [singleModelProfile('default', EMBEDDED_PROVIDER.default_model_id)],
    active_profile: 'default',
  }
}

/** What was taken into the config, what was not and how it would be, for people. */
function initLines({ choice, leftOut, offered }: AgreedRules, servers: LocalServers, root: string): string[] {
  const inGit = isInGit(root)
  const ignored = lockfileIgnored(root)
  const taken = [...choice.files, ...choice.conventions, ...choice.skills.map((name) => `skill:${name}`)]
  return [
    `wrote ${CONFIG_FILE}`,
    '',
    taken.length === 0
      ? 'rules      none found; only the built-in rules hold'
      : `rules      ${taken.join(', ')}: sentences with MUST, NEVER or ALWAYS bind calls`,
    ...leftOut.map(({ path, reason }) => `           ${path} left out: ${reason}`),
    ...offered.map(
      (offer) =>
        `           ${offerText(offer)} Not in force; ctxlock init --force --convention ${offer.name} takes it`,
    ),
    'provider   embedded: extractive, no model, no network; it serves every role for now',
    ...servers.map(
      ({ name, config: { provider_id, base_url, default_model_id } }) =>
        `           ${provider_id}: ${name} at ${base_url ?? ''}, model ${default_model_id}; try: ctxlock ask --model ${default_model_id} "…"`,
    ),
    ...(servers.length === 0 ? ['           no Ollama or OpenAI-compatible server answered on loopback'] : []),
    `state      .ctxlock/${inGit ? ' (ignored by git)' : ''} keeps the record; nothing leaves this machine`,
    ...(ignored ? [`warning    ${lockfileIgnoredText(ignored)}`] : []),
    '',
    `next       ctxlock lock && ctxlock check${inGit ? ', then commit ctxlock.lock' : ''}`,
  ]
}

/** The rules of the config: those of the root's rule files, and of what the person agreed to here or on the command line. */
async function agreedRules(root: string, { output, options }: CommandContext<InitOptions>) {
  const paths = listWorkspace(root, { include: [], exclude: [] }).files.map(({ path }) => path)
  const reader = createWorkspaceReader(root)
  const workspace = { reader, paths, isSource: sourceTest(reader, { classes: [], paths: [] }) }
  const found = findRuleOffers(workspace)
  const names = options.convention ?? []
  const { files } = chooseRules(workspace, []).choice
  const open = found.offers.filter((offer) => offer.files.some((file) => !files.includes(file)))
  const asks = names.length === 0 && !output.json && process.stdin.isTTY && process.stdout.isTTY
  const agreed = asks ? await askForOffers(open, process.stdin, process.stdout) : namedOffers(names, found)
  const chosen = chooseRules(workspace, agreed)
  return {
    ...chosen,
    leftOut: [...chosen.leftOut, ...(names.includes('all') ? found.leftOut : [])],
    offered: open.filter((offer) => !agreed.includes(offer)),
  }
}

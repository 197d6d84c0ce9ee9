import { scannerFor } from '@ctxlock/ace-validators/scanner'
import { decodeSourceText } from '@ctxlock/contracts/evidence'
import { type InjectionWaiver, LONGEST_WAIVER_MS } from '@ctxlock/contracts/waivers'

import { CommandError } from '../command-error.ts'
import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { nodeEnvironment } from '../environment/node-environment.ts'
import { createSourceTrust } from '../environment/source-trust.ts'
import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { askPerson, requireTerminal } from '../output/ask-person.ts'
import { counted } from '../output/counted.ts'
import { placeLines, visible } from '../output/place-lines.ts'
import { acceptedWaivers } from '../waivers/accepted-waivers.ts'
import { newWaiver, waivablePlaces } from '../waivers/new-waiver.ts'
import { addWaiver } from '../waivers/waiver-file.ts'
import { waiverPolicy, waiversNow } from '../waivers/workspace-waivers.ts'
import { WAIVERS_FILE } from '../workspace/committed-files.ts'
import { loadConfig } from '../workspace/config-file.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'
import { pathInWorkspace } from '../workspace/path-in-workspace.ts'

export interface WaiveOptions extends GlobalOptions {
  readonly reason?: string
  readonly approver?: string
  /** The first day on which it no longer holds, `YYYY-MM-DD` in UTC. */
  readonly expires?: string
  /** Stand behind a waiver that is in the file already, such as a colleague's. */
  readonly accept?: boolean
}

/** `ctxlock waive`: shows a person every hit in one source and, after a yes, holds exactly these harmless for a while. */
export async function waive([name = '']: readonly string[], context: CommandContext<WaiveOptions>): Promise<number> {
  const { output, options } = context
  const root = workspaceOf(context)
  const path = pathInWorkspace(root, process.cwd(), name, 'waive')
  requireTerminal('what a scan may overlook', output)
  const { config } = loadConfig(root)
  requireWaivable(config, path)
  const accepted = acceptedWaivers(root, process.env)
  accepted.requireFolder()

  const source = readSource(root, config, path)
  const isNew = options.accept !== true
  const waiver = isNew ? waiverOf(source, config, options) : waiverInFile(root, config, path)
  for (const line of placeLines(source, waiver.spans)) output.line(line)
  output.line(
    `waives     ${counted(waiver.spans.length, 'place')}, these very bytes, until ${waiver.expires_at.slice(0, 10)}`,
  )
  output.line(`because    ${visible(`${waiver.reason} (${waiver.approver})`)}`)
  if (!(await askPerson('Is it harmless to show them to a model?', process.stdin, process.stdout))) {
    output.line('nothing was waived')
    return EXIT_CODE.needsPerson
  }
  if (isNew) addWaiver(root, waiver)
  accepted.add(waiver.waiver_id)
  output.line(isNew ? `wrote      ${WAIVERS_FILE}; have it reviewed, and commit it` : 'accepted   on this machine')
  return EXIT_CODE.done
}

function requireWaivable(config: ResolvedConfig, path: string): void {
  const { automation_level, allow_waivers } = waiverPolicy(config)
  const refuse = (message: string, hint: string) =>
    new CommandError({ exit: EXIT_CODE.refused, code: 'WAIVER_REFUSED', message, hint })
  if (automation_level === 'LOCKED')
    throw refuse('under LOCKED no waiver holds', 'Leave the source out (`sources.exclude`).')
  if (!allow_waivers)
    throw refuse('the profile does not allow waivers', 'Set `policy.allow_waivers` in the config, where others see it.')
  if (createSourceTrust(config.sources.trust)(path) === 'low')
    throw refuse(`${path} has low trust`, 'Say in `sources.trust` what you trust, or leave the source out.')
}

function readSource(root: string, { sources }: ResolvedConfig, path: string) {
  const read = createWorkspaceReader(root).read(path, { maxBytes: sources.maxFileBytes })
  const text = read.status === 'read' ? decodeSourceText(read.bytes) : undefined
  if (read.status === 'read' && text !== undefined) return { path, bytes: read.bytes, text }
  throw refused(`${path} cannot be read as text`, 'Give a source of the workspace.')
}

function waiverOf(
  source: ReturnType<typeof readSource>,
  config: ResolvedConfig,
  { reason = '', approver = '', expires = '' }: WaiveOptions,
): InjectionWaiver {
  const now = nodeEnvironment.clock.now()
  const expires_at = `${expires}T00:00:00.000Z`
  const lifetime = Date.parse(expires_at) - now
  if (reason.trim() === '' || approver.trim() === '')
    throw refused('a waiver needs --reason and --approver', 'Say why it is harmless, and who says so.')
  if (!(lifetime > 0 && lifetime <= LONGEST_WAIVER_MS))
    throw refused(
      `--expires expects a day of the coming year; got ${expires === '' ? 'none' : expires}`,
      'Give it as YYYY-MM-DD.',
    )
  const policy = waiverPolicy(config)
  const places = waivablePlaces(source.text, scannerFor(policy))
  if (places?.length === 0) throw refused(`nothing is found in ${source.path}`, 'There is nothing to waive.')
  const words = { approver, reason, created_at: new Date(now).toISOString(), expires_at }
  const waiver = places && newWaiver(source, places, words, policy)
  if (waiver) return waiver
  throw refused(
    'these are more places than a waiver holds, or longer words',
    'Leave the source out (`sources.exclude`), or give a reason of one line.',
  )
}

/** One that would hold if it were accepted. */
function waiverInFile(root: string, config: ResolvedConfig, path: string): InjectionWaiver {
  const found = waiversNow(root, config).find(({ waiver }) => waiver.path === path)
  if (found?.state === 'in_force' || found?.state === 'not_accepted') return found.waiver
  const problem = found ? `its waiver is ${found.state.replace('_', ' ')}` : `${WAIVERS_FILE} has none for it`
  throw refused(`${path} has no waiver to accept: ${problem}`, 'Make one with --reason, --approver and --expires.')
}

function refused(message: string, hint: string): CommandError {
  return new CommandError({ exit: EXIT_CODE.usage, code: 'WAIVER_INVALID', message, hint })
}

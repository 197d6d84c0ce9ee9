import { scannerFor } from '@ctxlock/ace-validators/scanner'
import { decodeSourceText } from '@ctxlock/contracts/evidence'
import { type InjectionWaiver, LONGEST_WAIVER_MS } from '@ctxlock/contracts/waivers'

import { CommandError } from '../command-error.ts'
import { nodeEnvironment } from '../environment/node-environment.ts'
import { createSourceTrust } from '../environment/source-trust.ts'
import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { askPerson, requireTerminal } from '../output/ask-person.ts'
import { placeLines, visible } from '../output/place-lines.ts'
import { acceptedWaivers } from '../waivers/accepted-waivers.ts'
import { newWaiver, waivablePlaces } from '../waivers/new-waiver.ts'
import { addWaiver } from '../waivers/waiver-file.ts'
import { waiverPolicy, waiversNow } from '../waivers/workspace-waivers.ts'
import { WAIVERS_FILE } from '../workspace/committed-files.ts'
import { loadConfig } from '../workspace/config-file.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'
import { pathInWorkspace } from '../workspace/path-in-workspace.ts'
import type { CommandContext, GlobalOptions } from './command-context.ts'
import { workspaceOf } from './workspace-of.ts'

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
  requireTerminal('what a scan may overlook')
  const { config } = loadConfig(root)
  requireAllowed(config, path)
  const policy = waiverPolicy(config)
  const source = readSource(root, path)
  const places = waivablePlaces(source.text, scannerFor(policy))
  if (places === undefined || places.length === 0) throw notWaivable(path, places === undefined)

  const words = options.accept === true ? undefined : wordsOf(options)
  const waiver = words ? newWaiver(source, places, words, policy) : waiverInFile(root, config, path)
  for (const line of placeLines(source, waiver.spans)) output.line(line)
  const counted = waiver.spans.length === 1 ? 'this place' : `these ${waiver.spans.length} places`
  output.line(`waives     ${counted} in exactly these bytes, until ${waiver.expires_at.slice(0, 10)}`)
  output.line(`because    ${visible(`${waiver.reason} (${waiver.approver})`)}`)
  if (!(await askPerson('Is it harmless to show them to a model?', process.stdin, process.stdout))) {
    output.line('nothing was waived')
    return EXIT_CODE.needsPerson
  }
  if (words) addWaiver(root, waiver)
  acceptedWaivers(root, process.env).add(waiver.waiver_id)
  output.line(words ? `wrote      ${WAIVERS_FILE}; have it reviewed, and commit it` : 'accepted   on this machine')
  return EXIT_CODE.done
}

function requireAllowed(config: ResolvedConfig, path: string): void {
  const { automation_level, allow_waivers } = waiverPolicy(config)
  const trust = createSourceTrust(config.sources.trust)(path)
  const [message, hint] =
    automation_level === 'LOCKED'
      ? ['under LOCKED no waiver holds', 'Leave the source out (`sources.exclude`).']
      : !allow_waivers
        ? ['the profile does not allow waivers', 'Set `policy.allow_waivers` in the config, where others see it.']
        : trust === 'low'
          ? [`${path} has low trust`, 'Say in `sources.trust` whom you trust, or leave the source out.']
          : []
  if (message === undefined) return
  throw new CommandError({ exit: EXIT_CODE.refused, code: 'WAIVER_REFUSED', message, ...(hint && { hint }) })
}

function readSource(root: string, path: string) {
  const read = createWorkspaceReader(root).read(path)
  const text = read.status === 'read' ? decodeSourceText(read.bytes) : undefined
  if (read.status === 'read' && text !== undefined) return { path, bytes: read.bytes, text }
  throw refusedArgument(`${path} cannot be read as text`, 'Give a source of the workspace.')
}

/** One that would hold if it were accepted. */
function waiverInFile(root: string, config: ResolvedConfig, path: string): InjectionWaiver {
  const found = waiversNow(root, config).find(({ waiver }) => waiver.path === path)
  if (found?.state === 'in_force' || found?.state === 'not_accepted') return found.waiver
  const problem = found ? `its waiver is ${found.state.replace('_', ' ')}` : `${WAIVERS_FILE} has none for it`
  throw refusedArgument(
    `${path} has no waiver to accept: ${problem}`,
    'Make one with --reason, --approver and --expires.',
  )
}

function wordsOf({ reason = '', approver = '', expires = '' }: WaiveOptions) {
  const now = nodeEnvironment.clock.now()
  const created_at = new Date(now).toISOString()
  const expires_at = `${expires}T00:00:00.000Z`
  const lifetime = Date.parse(expires_at) - now
  if (reason.trim() === '' || approver.trim() === '')
    throw refusedArgument('a waiver needs --reason and --approver', 'Say why it is harmless, and who says so.')
  if (!(lifetime > 0 && lifetime <= LONGEST_WAIVER_MS))
    throw refusedArgument(
      `--expires expects a day of the coming year; got ${expires === '' ? 'none' : expires}`,
      'Give it as YYYY-MM-DD.',
    )
  return { approver, reason, created_at, expires_at }
}

function notWaivable(path: string, tooMany: boolean): CommandError {
  return tooMany
    ? refusedArgument(`${path} holds more hits than a scan counts`, 'Leave the source out (`sources.exclude`).')
    : refusedArgument(`nothing is found in ${path}`, 'There is nothing to waive.')
}

function refusedArgument(message: string, hint: string): CommandError {
  return new CommandError({ exit: EXIT_CODE.usage, code: 'WAIVER_INVALID', message, hint })
}

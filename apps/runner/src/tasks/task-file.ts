import { createRequire } from 'node:module'
import { resolve } from 'node:path'

import { TaskFile, type MicroTaskDefinitions } from '@ctxlock/contracts/micro-task'
import { canonicalHash } from '@ctxlock/core-hash'
import { definitionsArtifact, hasErrors, validateDefinitions, type Finding } from '@ctxlock/micro-task'
import type * as Yaml from 'yaml'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { PREFIX_TOKENS, TOTAL_TOKENS } from '../governed-call/budget/budgets.ts'
import type { CallSubject } from '../governed-call/call-subject.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'
import { readWrittenFile } from '../workspace/written-file.ts'

/** Reads a task file, JSON or YAML. */
export function readTask(path: string): TaskFile {
  const task = readWrittenFile(resolve(process.cwd(), path), {
    schema: TaskFile,
    what: 'the task file',
    code: 'TASK_INVALID',
    hint: 'A task file looks like {"schema_version":"ctxlock.task@1","goal":"…","scope":["src/"],"done":["…"]}.',
    ...(/\.ya?ml$/i.test(path) && {
      parse: parseYaml,
    }),
  })
  if (task) return task
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'TASK_MISSING',
    message: `there is no task file at ${path}`,
    hint: 'Give the path of a JSON or YAML file with schema_version ctxlock.task@1.',
  })
}

/** The parser is loaded when the first YAML task is met: it takes longer to load than `ctxlock check` takes for a small tree. */
function parseYaml(text: string): unknown {
  const yaml: typeof Yaml = createRequire(import.meta.url)('yaml')
  return yaml.parse(text, { maxAliasCount: 100, logLevel: 'error' })
}

export interface PlannedTask {
  readonly subjects: readonly CallSubject[]
  /** What the subjects are made of, and from what it was made (MT-002). */
  readonly definitions: MicroTaskDefinitions
}

/** The calls a task stands for. Every rule for micro-tasks is checked first; one error stops all of them (MT-004). */
export function planTask(task: TaskFile, config: ResolvedConfig): PlannedTask {
  const artifact = definitionsArtifact(task, canonicalHash(task))
  const { definitions } = artifact
  const findings = validateDefinitions(definitions, {
    inScopePaths: task.scope,
    contextWindowTokens: Math.max(8192, TOTAL_TOKENS),
    overheadTokens: PREFIX_TOKENS,
  })
  if (hasErrors(findings)) throw badTask(findings)
  const role = config.roles.find(({ role_id }) => role_id === (task.role ?? config.roles[0]?.role_id))
  if (!role) throw unknownRole(task.role ?? '', config)
  const wpId = task.wp_id ?? 'task'
  const subjects = definitions.map((definition) => ({
    role,
    wpId,
    definition,
    scope: task.scope,
    question: [definition.scope, ...definition.done.map(({ description }) => `Done when: ${description}`)].join('\n'),
    iteration: 1,
  }))
  return { subjects, definitions: artifact }
}

function badTask(findings: readonly Finding[]): CommandError {
  const errors = findings.filter(({ severity }) => severity === 'ERROR')
  const [first] = errors
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: first?.rule ?? 'TASK_INVALID',
    message: errors.map(({ rule, mt_id, field, message }) => `${rule} ${mt_id} ${field}: ${message}`).join('; '),
    hint: first ? `For example: ${first.example}` : 'Correct the task file.',
  })
}

function unknownRole(role: string, config: ResolvedConfig): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'ROLE_UNKNOWN',
    message: `the task names the role ${role}; the config has ${config.roles.map(({ role_id }) => role_id).join(', ')}`,
    hint: 'Add the role to `roles` in the config, or leave `role` out of the task.',
  })
}

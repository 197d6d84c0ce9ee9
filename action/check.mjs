// Runs `ctxlock check --json` and tells GitHub about it: a step summary, one annotation for each difference, the output
// `status`, and the exit code of the check. Paths and hashes only; no line of a source is written anywhere.
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve, sep } from 'node:path'

/** ctxlock needs this Node; the npm package of the same name brings it, whatever the runner has. */
const NODE = 'node@24.21.0'
const MAX_ANNOTATIONS = 50
const MAX_ROWS = 500

const {
  CTXLOCK_COMMAND = '',
  CTXLOCK_FOLDER = '.',
  CTXLOCK_VERSION = '',
  GITHUB_OUTPUT,
  GITHUB_STEP_SUMMARY,
  RUNNER_TEMP = tmpdir(),
} = process.env

/** As GitHub names it: from the folder of the repository, without a leading or a trailing mark; '' for that folder. */
const folder = relative('.', resolve(CTXLOCK_FOLDER)).replaceAll(sep, '/')

const { status: exitCode, stdout, error } = runCheck()
const result = parsed(stdout ?? '')
const differences = result ? differencesOf(result) : []
const status = result?.status ?? 'failed'
const problem = result ? undefined : (failureOf(stdout ?? '') ?? error?.message ?? 'ctxlock gave no result')

for (const { path, line, message } of differences.slice(0, MAX_ANNOTATIONS)) {
  const place =
    path === undefined ? '' : `file=${property(inFolder(path))},${line === undefined ? '' : `line=${line},`}`
  console.log(`::error ${place}title=ctxlock::${data(message)}`)
}
if (problem !== undefined) console.log(`::error title=ctxlock::${data(problem)}`)
if (GITHUB_STEP_SUMMARY) appendFileSync(GITHUB_STEP_SUMMARY, summary())
if (GITHUB_OUTPUT) appendFileSync(GITHUB_OUTPUT, `status=${status}\n`)
console.log(`ctxlock: ${status}`)
// Whoever ends well without having said that all matches has checked nothing.
process.exitCode = status === 'matches' ? (exitCode ?? 1) : exitCode || 1

function runCheck() {
  if (!statSync(CTXLOCK_FOLDER, { throwIfNoEntry: false })?.isDirectory())
    return refused(`working-directory expects a folder that exists; got ${CTXLOCK_FOLDER}`)
  const options = { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024, stdio: ['ignore', 'pipe', 'inherit'] }
  // The very folder: a lockfile further up would be that of other sources.
  const check = ['check', '--json', '--lines', '20', '--workspace', resolve(CTXLOCK_FOLDER)]
  if (CTXLOCK_COMMAND !== '') {
    return spawnSync('bash', ['-c', `${CTXLOCK_COMMAND} "$@"`, 'ctxlock', ...check], {
      ...options,
      cwd: CTXLOCK_FOLDER,
    })
  }
  if (!/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(CTXLOCK_VERSION)) {
    return refused(`version expects an exact version such as 0.1.0; got ${CTXLOCK_VERSION}`)
  }
  const packages = [`--package=${NODE}`, `--package=ctxlock@${CTXLOCK_VERSION}`]
  const cwd = folderOfNobody()
  try {
    return spawnSync('npm', ['exec', '--yes', ...packages, '--', 'ctxlock', ...check], { ...options, cwd })
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

/** Where npm is started: in the repository a pull request would choose the registry (`.npmrc`) or bring a ctxlock of its own. */
function folderOfNobody() {
  const path = mkdtempSync(join(RUNNER_TEMP, 'ctxlock-'))
  writeFileSync(join(path, 'package.json'), '{}')
  return path
}

function refused(message) {
  return { status: 2, stdout: '', error: new Error(message) }
}

function parsed(text) {
  try {
    const value = JSON.parse(text)
    return typeof value.status === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

function failureOf(text) {
  try {
    return JSON.parse(text).error?.message
  } catch {
    return undefined
  }
}

function differencesOf({ sources, rules, roles, tasks, builder, status: state }) {
  return [
    ...sources.map(({ change, path, from, why, old_hash, new_hash, lines }) => ({
      what: 'source',
      change,
      path,
      // The first changed line as it is now, so that the annotation stands where the change is.
      line: lines?.hunks?.[0]?.header.match(/\+(\d+)/)?.[1],
      message: `${change}${from === undefined ? '' : ` from ${from}`}${why ? ` (${why.detail})` : ''}: locked ${short(old_hash)}, now ${short(new_hash)}`,
      old_hash,
      new_hash,
    })),
    ...[
      ['rule', rules],
      ['role pack', roles],
      ['task', tasks],
    ].flatMap(([what, list]) =>
      list.map(({ change, name, old_hash, new_hash }) => ({
        what,
        change,
        name,
        message: `${what} ${name} ${change}: locked ${short(old_hash)}, now ${short(new_hash)}`,
        old_hash,
        new_hash,
      })),
    ),
    ...(builder
      ? [
          {
            what: 'builder',
            change: state === 'builder_changed' ? 'alone' : 'changed',
            name: '',
            message: 'another builder made the lockfile',
          },
        ]
      : []),
  ]
}

function summary() {
  if (problem !== undefined) return `### ctxlock: failed\n\n${cell(problem)}\n`
  if (differences.length === 0) return '### ctxlock: a model sees what ctxlock.lock states\n'
  const rows = differences
    .slice(0, MAX_ROWS)
    .map(
      ({ what, change, path, name, old_hash, new_hash }) =>
        `| ${what} | ${change} | ${cell(path ?? name)} | ${cell(short(old_hash))} | ${cell(short(new_hash))} |`,
    )
  const more =
    differences.length > MAX_ROWS ? `\n${differences.length - MAX_ROWS} more are in the log of the check.\n` : ''
  return [
    `### ctxlock: ${differences.length} differences from ctxlock.lock`,
    '',
    '| what | change | name | locked | now |',
    '|---|---|---|---|---|',
    ...rows,
    more,
    'Run `ctxlock check` to see the lines, `ctxlock lock` to accept them, and commit the lockfile.',
    '',
  ].join('\n')
}

function short(hash) {
  return hash === undefined ? 'none' : hash.slice(0, 12)
}

function inFolder(path) {
  return folder === '' ? path : `${folder}/${path}`
}

/** A name may hold anything: HTML, Markdown and the column mark are written as numbers. */
function cell(text) {
  return String(text).replace(/[^\p{L}\p{N} /._:,;#-]/gu, (character) => `&#${character.codePointAt(0)};`)
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands: what ends a command is escaped. */
function data(text) {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text) {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

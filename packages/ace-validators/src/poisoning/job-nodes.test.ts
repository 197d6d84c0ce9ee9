// What is under way in the name of a job ends when the job is poisoned: after the record, at once, whether it listens or not.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'

import type { Timers } from '@ctxlock/contracts/ports'
import { afterEach, beforeEach, expect, it } from 'vitest'

import {
  createJobNodes,
  createJobTable,
  moveJob,
  poisonJob,
  readJob,
  registerJob,
  type JobNodes,
  type MutationFence,
} from '../poisoning.ts'

const timers: Timers = {
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds)
    return () => clearTimeout(timer)
  },
}
const POISONED = expect.objectContaining({ code: 'JOB_POISONED' })

let folder: string
let database: DatabaseSync
/** A process of its own, as far as the file is concerned. */
let elsewhere: DatabaseSync
let nodes: JobNodes

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ctxlock-nodes-'))
  database = new DatabaseSync(join(folder, 'state.db'))
  database.exec('PRAGMA journal_mode = WAL')
  elsewhere = new DatabaseSync(join(folder, 'state.db'))
  createJobTable(database)
  nodes = createJobNodes({ database, timers, lookEveryMs: 5 })
})
afterEach(() => {
  elsewhere.close()
  database.close()
  rmSync(folder, { recursive: true })
})

function running(job_id: string, parent_job_id: string | null = null): MutationFence {
  const job = { job_id, parent_job_id, inputs_hash: 'a'.repeat(64) }
  const fence = registerJob(database, job, nodes.fenceSignal(job_id))
  moveJob(database, fence, 'running')
  return fence
}

function poison(connection: DatabaseSync, job_id: string, aborts?: JobNodes) {
  const found = { guard: 'PromptInjectionGuard', matches: [], policy_profile_id: 'x', context_snapshot_id: null }
  return poisonJob(connection, { job_id, violation_id: crypto.randomUUID(), ...found }, () => {}, aborts)
}

const never = () => new Promise<never>(() => {})

it('T-VAL-101: commits, then aborts, then terminates: each node hears of it when it is on record, and none is active at the end', async () => {
  const parent = running('job')
  const child = running('job.1', 'job')
  const order: string[] = []
  const listening = (fence: MutationFence) =>
    nodes.run(fence, async (signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      order.push(`abort ${fence.job_id}: ${readJob(elsewhere, 'job')?.state}`)
    })
  const ended = Promise.allSettled([listening(parent), listening(child), nodes.run(parent, never)])
  expect([nodes.active('job'), nodes.active('job.1')]).toEqual([2, 1])

  const { cancelled } = poison(database, 'job', nodes)
  await Promise.all(['job', ...cancelled].map((job_id) => nodes.terminated(job_id)))
  order.push(`terminated: ${nodes.active('job')}, ${nodes.active('job.1')}`)
  expect((await ended).map((outcome) => outcome.status === 'rejected' && outcome.reason)).toEqual([
    POISONED,
    POISONED,
    POISONED,
  ])
  expect(order).toEqual(['abort job: poisoned', 'abort job.1: poisoned', 'terminated: 0, 0'])
})

it('notices that another process poisoned the job, without anybody telling it', async () => {
  const fence = running('job')
  const heard = Promise.withResolvers<unknown>()
  const node = nodes.run(fence, (signal) => {
    signal.addEventListener('abort', () => heard.resolve(signal.reason))
    return never()
  })
  poison(elsewhere, 'job')
  await expect(node).rejects.toEqual(POISONED)
  expect(await heard.promise).toEqual(POISONED)
})

it('shows nothing more of a job that was poisoned elsewhere, however often its timer looks', async () => {
  const patient = createJobNodes({ database, timers, lookEveryMs: 60_000 })
  const fence = running('job')
  const shown: string[] = []
  const node = patient.run(fence, async () => {
    for (const piece of ['one', 'two', 'three']) {
      await wait(1)
      patient.check(fence)
      shown.push(piece)
      if (piece === 'one') poison(elsewhere, 'job')
    }
  })
  await expect(node).rejects.toEqual(POISONED)
  expect(shown).toEqual(['one'])
})

it('T-VAL-101: drops and counts what a node that does not listen still returns (VAL-071)', async () => {
  const fence = running('job')
  const late = Promise.withResolvers<string>()
  const node = nodes.run(fence, () => late.promise)
  poison(database, 'job', nodes)
  await expect(node).rejects.toEqual(POISONED)
  late.resolve('the answer')
  await wait(1)
  expect(readJob(database, 'job')?.late_results).toBe(1)
})

it('kills a command that a node runs (VAL-075)', async () => {
  const fence = running('job')
  const started = Promise.withResolvers<ChildProcess>()
  const node = nodes.run(fence, async (signal) => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { signal })
    child.on('error', () => {})
    child.on('spawn', () => started.resolve(child))
    await once(child, 'exit')
  })
  const child = await started.promise
  poison(database, 'job', nodes)
  await expect(node).rejects.toEqual(POISONED)
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  expect(child.signalCode).toBe('SIGTERM')
})

it('starts no node of a job that has ended, and none of its own when the fence is only raised in memory', async () => {
  const fence = running('job')
  const other = running('other')
  nodes.raise('other')
  poison(elsewhere, 'job')
  let started = 0
  const start = (held: MutationFence) => nodes.run(held, async () => (started += 1))
  await expect(start(fence)).rejects.toEqual(POISONED)
  await expect(start(other)).rejects.toEqual(POISONED)
  expect([started, readJob(database, 'other')?.state]).toEqual([0, 'running'])
})

it('leaves other jobs alone, passes results and errors on, and leaves no timer behind', async () => {
  let pending = 0
  const counting: Timers = {
    after(milliseconds, callback) {
      pending += 1
      const cancel = timers.after(milliseconds, () => ((pending -= 1), callback()))
      return () => ((pending -= 1), cancel())
    },
  }
  const counted = createJobNodes({ database, timers: counting, lookEveryMs: 2 })
  const fence = running('bystander')
  running('job')
  const node = counted.run(fence, async () => (await wait(10), 7))
  poison(database, 'job', counted)
  expect(await node).toBe(7)
  await expect(counted.run(fence, async () => Promise.reject(new Error('its own')))).rejects.toThrow('its own')
  expect([counted.active('bystander'), pending]).toEqual([0, 0])
})

it('aborts nothing because the table cannot be read: that is for whoever asked', async () => {
  const fence = running('job')
  const patient = createJobNodes({ database, timers, lookEveryMs: 60_000 })
  const work = Promise.withResolvers<string>()
  const node = patient.run(fence, () => work.promise)
  database.exec('ALTER TABLE ace_jobs RENAME TO elsewhere')
  expect(() => patient.check(fence)).toThrow('no such table')
  database.exec('ALTER TABLE elsewhere RENAME TO ace_jobs')
  work.resolve('done')
  expect(await node).toBe('done')
})

it('has terminated a job when none of its nodes is under way, and not before', async () => {
  const fence = running('job')
  const work = Promise.withResolvers<void>()
  const order: string[] = []
  const node = nodes.run(fence, () => work.promise).then(() => order.push('node'))
  const terminated = nodes.terminated('job').then(() => order.push(`terminated with ${nodes.active('job')}`))
  await wait(1)
  order.push('asked')
  work.resolve()
  await Promise.all([node, terminated])
  expect(order[0]).toBe('asked')
  expect(order).toContain('terminated with 0')
  await nodes.terminated('job of nobody')
})

it('forgets the fence of a job that has ended, for which the table refuses everything, and no other', async () => {
  const [ended, open, raised] = ['ended', 'open', 'raised'].map((job_id) => running(job_id))
  if (!ended || !open || !raised) throw new TypeError('three jobs')
  nodes.raise('raised')
  moveJob(database, ended, 'completed')
  moveJob(database, { ...raised, signal: new AbortController().signal }, 'failed')
  for (const job_id of ['ended', 'open', 'raised', 'nobody']) nodes.release(job_id)
  expect(nodes.fenceSignal('ended')).not.toBe(ended.signal)
  // The same objects: two signals are equal whoever holds them.
  expect(nodes.fenceSignal('open')).toBe(open.signal)
  expect(nodes.fenceSignal('raised')).toBe(raised.signal)
  await expect(nodes.run(ended, async () => 'late')).rejects.toEqual(POISONED)
})

it('keeps a fence while nobody can say whether its job has ended', () => {
  const ended = running('ended')
  moveJob(database, ended, 'completed')
  database.exec('ALTER TABLE ace_jobs RENAME TO away')
  nodes.release('ended')
  expect(nodes.fenceSignal('ended')).toBe(ended.signal)
  database.exec('ALTER TABLE away RENAME TO ace_jobs')
  nodes.release('ended')
  expect(nodes.fenceSignal('ended')).not.toBe(ended.signal)
})

it('goes on counting the other nodes of a job when one has ended', async () => {
  const held = running('job')
  const other = Promise.withResolvers<string>()
  const waiting = nodes.run(held, () => other.promise)
  expect(await nodes.run(held, async () => 'first')).toBe('first')
  expect(nodes.active('job')).toBe(1)
  other.resolve('second')
  expect(await waiting).toBe('second')
  expect(nodes.active('job')).toBe(0)
})

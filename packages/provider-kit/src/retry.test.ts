import { getEventListeners } from 'node:events'

import { ProviderError } from '@ctxlock/contracts/provider'
import type { ProviderErrorCode, ProviderErrorDetails } from '@ctxlock/contracts/provider'
import { providerErrorOf } from '@ctxlock/plugin-api/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { withRetries } from './retry.ts'

const SEED = 20_261_120

/** Timers that fire at once and remember what they were asked to wait. */
function instantTimers() {
  const waits: number[] = []
  let pending = 0
  return {
    waits,
    get pending() {
      return pending
    },
    after(milliseconds: number, callback: () => void) {
      waits.push(milliseconds)
      pending += 1
      let open = true
      const close = () => {
        if (open) pending -= 1
        open = false
      }
      queueMicrotask(() => {
        if (!open) return
        close()
        callback()
      })
      return close
    },
  }
}

function contextOf(timers: ReturnType<typeof instantTimers>, fraction = 0.5, signal?: AbortSignal) {
  return { timers, random: { fraction: () => fraction, bytes: () => new Uint8Array(), uuid: () => '' }, signal }
}

function failing(times: number, code: ProviderErrorCode, details: ProviderErrorDetails = {}) {
  let calls = 0
  return {
    get calls() {
      return calls
    },
    run: () => {
      calls += 1
      return calls <= times
        ? Promise.reject(new ProviderError(code, 'x', details))
        : Promise.resolve(`done after ${calls}`)
    },
  }
}

describe('withRetries', () => {
  test('repeats a retryable failure and counts its attempts', async () => {
    const timers = instantTimers()
    const flaky = failing(2, 'server_error')
    expect(await withRetries({ maxRetries: 2, maxRetryAfterMs: 1000 }, contextOf(timers), flaky.run)).toBe(
      'done after 3',
    )
    expect(timers.waits).toEqual([250, 500])
    expect(timers.pending).toBe(0)
  })

  test.each([
    ['a failure that is not retryable', failing(9, 'auth'), 1],
    ['no retries', failing(9, 'server_error'), 1],
  ])('stops at %s', async (name, call, calls) => {
    const limits = { maxRetries: name === 'no retries' ? 0 : 5, maxRetryAfterMs: 1000 }
    const error = await providerErrorOf(withRetries(limits, contextOf(instantTimers()), call.run))
    expect(error.attempts).toBe(1)
    expect(call.calls).toBe(calls)
  })

  test('after the last retry the error has every attempt', async () => {
    const call = failing(9, 'overloaded')
    const error = await providerErrorOf(
      withRetries({ maxRetries: 3, maxRetryAfterMs: 1000 }, contextOf(instantTimers()), call.run),
    )
    expect(error).toMatchObject({ code: 'overloaded', attempts: 4, retryable: true })
  })

  test('an error raised before its request left counts no attempt', async () => {
    const error = await providerErrorOf(
      withRetries(
        { maxRetries: 3, maxRetryAfterMs: 1 },
        contextOf(instantTimers()),
        failing(1, 'ssrf_blocked', { attempts: 0 }).run,
      ),
    )
    expect(error.attempts).toBe(0)
  })

  test('nothing is repeated once the caller has seen text', async () => {
    const call = failing(1, 'network')
    await providerErrorOf(
      withRetries({ maxRetries: 3, maxRetryAfterMs: 1000 }, contextOf(instantTimers()), call.run, () => false),
    )
    expect(call.calls).toBe(1)
  })

  test('what is no ProviderError is never repeated', async () => {
    let calls = 0
    const broken = () => {
      calls += 1
      return Promise.reject(new TypeError('a bug'))
    }
    await expect(
      withRetries({ maxRetries: 3, maxRetryAfterMs: 1000 }, contextOf(instantTimers()), broken),
    ).rejects.toThrow(TypeError)
    expect(calls).toBe(1)
  })

  test('a wait the server asks for is a floor', async () => {
    for (const fraction of [0, 0.999]) {
      const timers = instantTimers()
      await withRetries(
        { maxRetries: 1, maxRetryAfterMs: 60_000 },
        contextOf(timers, fraction),
        failing(1, 'rate_limited', { retryAfterMs: 7000 }).run,
      )
      expect(timers.waits[0]).toBeGreaterThanOrEqual(7000)
      expect(timers.waits[0]).toBeLessThanOrEqual(8400)
    }
  })

  test('a wait above the limit comes back at once, not retryable', async () => {
    const timers = instantTimers()
    const call = failing(9, 'rate_limited', { retryAfterMs: 10_800_000 })
    const error = await providerErrorOf(
      withRetries({ maxRetries: 3, maxRetryAfterMs: 60_000 }, contextOf(timers), call.run),
    )
    expect(error).toMatchObject({ retryable: false, retryAfterMs: 10_800_000, attempts: 1 })
    expect(timers.waits).toEqual([])
  })

  test('an abort ends a wait and leaves no timer and no listener', async () => {
    const abort = new AbortController()
    let cancelled = 0
    const timers = { after: () => () => (cancelled += 1) }
    const context = { ...contextOf(instantTimers(), 0.5, abort.signal), timers }
    const pending = providerErrorOf(
      withRetries({ maxRetries: 3, maxRetryAfterMs: 1000 }, context, failing(9, 'network').run),
    )
    await new Promise((resolve) => setImmediate(resolve))
    abort.abort()
    expect(await pending).toMatchObject({ code: 'aborted', attempts: 1 })
    expect(cancelled).toBe(1)
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0)
  })

  test('every retry is announced before it is waited for', async () => {
    const notices: unknown[] = []
    const context = { ...contextOf(instantTimers()), onRetry: (notice: unknown) => void notices.push(notice) }
    await withRetries({ maxRetries: 2, maxRetryAfterMs: 1000 }, context, failing(1, 'model_loading').run)
    expect(notices).toEqual([{ attempt: 1, code: 'model_loading', waitMs: 250 }])
  })

  test(`waits are at least 1 ms, at most the cap, and never below what was asked (seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.option(fc.integer({ min: 1, max: 5000 })),
        async (times, fraction, retryAfterMs) => {
          const timers = instantTimers()
          const details = retryAfterMs === null ? {} : { retryAfterMs }
          await withRetries(
            { maxRetries: 8, maxRetryAfterMs: 5000 },
            contextOf(timers, fraction),
            failing(times, 'overloaded', details).run,
          )
          expect(timers.waits).toHaveLength(times)
          for (const wait of timers.waits) {
            expect(wait).toBeGreaterThanOrEqual(retryAfterMs ?? 1)
            expect(wait).toBeLessThanOrEqual(retryAfterMs === null ? 8000 : Math.ceil(retryAfterMs * 1.2))
          }
        },
      ),
      { seed: SEED, numRuns: 200 },
    )
  })
})

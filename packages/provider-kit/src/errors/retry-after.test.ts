import { expect, test } from 'vitest'

import { retryAfterMs } from './retry-after.ts'

const NOW = Date.parse('2026-11-20T10:00:00Z')

test.each([
  [{ 'retry-after': '2' }, 2000],
  [{ 'retry-after': '1.5' }, 1500],
  [{ 'retry-after-ms': '350', 'retry-after': '1' }, 350],
  [{ 'retry-after': 'Fri, 20 Nov 2026 10:00:07 GMT' }, 7000],
  [{ 'retry-after': '10800' }, 10_800_000],
  [{ 'retry-after': '1.50000000000000001' }, 1500],
  [{ 'retry-after': '9999999999999' }, 9_999_999_999_999_000],
  [{ 'retry-after': 'Friday, 20-Nov-26 10:00:07 GMT' }, 7000],
  [{ 'retry-after': 'Fri Nov 20 10:00:07 2026' }, 7000],
  // Unusable, so the normal backoff applies.
  [{}, undefined],
  [{ 'retry-after': 'Fri, 20 Nov 2026 09:59:00 GMT' }, undefined],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '0' }, undefined],
  [{ 'retry-after': '-5' }, undefined],
  [{ 'retry-after': '' }, undefined],
  [{ 'retry-after': '5 potatoes' }, undefined],
  [{ 'retry-after': '1e9' }, undefined],
  [{ 'retry-after': '99999999999999999999' }, undefined],
  [{ 'retry-after': 'Infinity' }, undefined],
])('%j', (headers, expected) => expect(retryAfterMs(headers, NOW)).toBe(expected))

import { expect, test } from 'vitest'

import { anchorLines, extractWith } from '../../test/extract.ts'

const SOURCE = `#!/usr/bin/env python
# -*- coding: utf-8 -*-
"""Reads settings.

A caller MUST close what it opens.
"""
from __future__ import annotations
import os, sys
from .a import (
    b as c,
)

LIMIT: int = 10
_token = "not shown"

# About the store.
# TODO: split it
@final
class Store(Base[T]):
    """Keeps things."""

    field: int = 1

    @property
    # between
    def size(self) -> int:
        def inner():
            pass
        return inner()

    class Row:
        async def read(self): ...

if sys.platform == "win32":
    def join(*parts): return r"\\"
else:
    def join(*parts):
        return """
def not_code(): pass
"""

type Pair[T] = tuple[T, T]
def last(x=lambda: 1): pass`

test('declarations with decorators, nesting and conditions', async () => {
  const { anchors } = await extractWith('a.py', SOURCE)
  expect(anchorLines(anchors)).toEqual([
    '0 constant LIMIT 13-13',
    '0 constant _token 14-14',
    '0 class Store 16-32',
    '1 method Store.size 24-29',
    '1 class Store.Row 31-32',
    '2 method Store.Row.read 32-32',
    '0 function join 35-35',
    '0 function join 37-40',
    '0 type Pair 42-42',
    '0 function last 43-43',
  ])
})

test('facts, demands and open ends', async () => {
  const { facts, constraints, openLoops, summary } = await extractWith('a.py', SOURCE)
  expect(summary).toBe('Reads settings. A caller MUST close what it opens.')
  expect(constraints).toEqual([
    { text: 'A caller MUST close what it opens.', severity: 'hard', startLine: 5, endLine: 5 },
  ])
  expect(openLoops).toEqual([{ text: 'TODO: split it', startLine: 17, endLine: 17 }])
  expect(facts?.map(({ text }) => text)).toEqual([
    'from __future__ import annotations; import os, sys; from .a import ( b as c, )',
    'LIMIT: int',
    '@final class Store(Base[T])',
    'def join(*parts)',
    'def join(*parts)',
    'type Pair[T] = tuple[T, T]',
    'def last(x=lambda: 1)',
    '@property # between def size(self) -> int',
    'class Row',
    'async def read(self)',
  ])
})

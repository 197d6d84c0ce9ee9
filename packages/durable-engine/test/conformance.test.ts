import { test } from 'vitest'

import { engineConformance } from '../src/testing.ts'
import { sqliteTarget } from './support/sqlite-bench.ts'

for (const { name, run } of engineConformance(sqliteTarget)) test(name, run)

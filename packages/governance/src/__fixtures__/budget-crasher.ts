// Run by token-budget-race.test.ts as a process that is killed: reserves, says so, and never settles.
import { reserveTokens } from '../index.ts'
import { openDatabase } from './database.ts'

const [path = '', now = ''] = process.argv.slice(2)
reserveTokens(openDatabase(path), { budget_id: 'job-1', call_id: 'crashed', run_id: 'run-crashed', tokens: 40, now })
console.log('reserved')
setInterval(() => {}, 1000)

import { RecorderError } from '../src/index.ts'

export function errorOf(work: () => unknown): RecorderError {
  try {
    work()
  } catch (error) {
    if (error instanceof RecorderError) return error
    throw error
  }
  throw new Error('Expected a RecorderError')
}

export const codeOf = (work: () => unknown) => errorOf(work).code

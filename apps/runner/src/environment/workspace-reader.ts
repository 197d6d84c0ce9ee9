import * as files from 'node:fs'

import { createFileReader } from '@ctxlock/core-hash/files'
import type { SourceReader } from '@ctxlock/contracts/ports'
import { isRelativePath } from '@ctxlock/contracts/relative-path'

import { isOwnPath } from './own-path.ts'

/** Reads files of one workspace, but git's and our own (MT-053). */
export function createWorkspaceReader(root: string): SourceReader {
  return createFileReader({ files, root, mayRead: (path) => isRelativePath(path) && !isOwnPath(path) })
}

/** The `code` of a Node system error, or an empty string. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

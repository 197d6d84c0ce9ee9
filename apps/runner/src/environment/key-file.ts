import { constants, copyFileSync, existsSync, linkSync, mkdirSync, rmSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

import { writeFileAtomically } from './files.ts'
import { readRegularFile } from './regular-file.ts'
import { errorCode } from './workspace-reader.ts'

const MAX_KEY_BYTES = 1024

/** 64 hex characters in a file of the owner's; made on first use. Two processes that start together get one key. */
export function openKeyFile(path: string): Uint8Array {
  if (!existsSync(path)) createKey(path)
  return readKeyFile(path)
}

/** The key that is there; throws when it is missing or damaged. */
export function readKeyFile(path: string): Uint8Array {
  const hex = readRegularFile(path, MAX_KEY_BYTES).toString('utf8').trim()
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new Error(`the key file ${path} is damaged: expected 64 hex characters`)
  return Buffer.from(hex, 'hex')
}

/** The key of the vault lies outside the workspace, so that a copied state folder is of no use (ACE-067). */
export function vaultKeyPath(variables: NodeJS.ProcessEnv): string {
  return join(configFolder(variables), 'vault.key')
}

/** The key that signs logs lies outside the workspace too, so that what can write the log there cannot sign it. */
export function signingKeyPath(variables: NodeJS.ProcessEnv): string {
  return join(configFolder(variables), 'log.key')
}

function configFolder(variables: NodeJS.ProcessEnv): string {
  return join(variables['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'ctxlock')
}

/** What a disk answers that has no links (FAT, exFAT, some shares). */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'])

/** Placing it fails when another process made the key first: then that one holds. */
function createKey(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.${process.pid}.tmp`
  try {
    writeFileAtomically(temporary, randomBytes(32).toString('hex'), 0o600)
    placeKey(temporary, path)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  } finally {
    rmSync(temporary, { force: true })
  }
}

function placeKey(temporary: string, path: string): void {
  try {
    linkSync(temporary, path)
  } catch (error) {
    if (!NO_LINKS.has(errorCode(error))) throw error
    copyFileSync(temporary, path, constants.COPYFILE_EXCL)
  }
}

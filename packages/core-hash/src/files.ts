export { createFileHasher, type FileDigest, type FileHasher, type FileProblem } from './files/file-hasher.ts'
export type { FileStatus, FileSystem } from './files/file-system.ts'
export { folderAtHand, type FolderAtHand } from './files/folder-at-hand.ts'
export {
  answerHashFiles,
  hashFiles,
  openFileHashing,
  type FileHashing,
  type HashFilesOptions,
} from './files/hash-files.ts'

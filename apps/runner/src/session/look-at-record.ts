import { openStoredSession, type StoredSession } from './stored-session.ts'

/** Opens the record of a workspace for one look at it. Throws `NOTHING_RECORDED`. */
export function lookAtRecord<Seen>(root: string, look: (session: StoredSession) => Seen): Seen {
  const session = openStoredSession(root, process.env)
  try {
    return look(session)
  } finally {
    session.close()
  }
}

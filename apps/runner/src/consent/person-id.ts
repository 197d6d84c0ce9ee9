import { userInfo } from 'node:os'

const PREFIX = 'person:'

/** Who sits at this machine, as receipts name them; the account's name is what the system says. */
export function personHere(): string {
  return `${PREFIX}${
    userInfo()
      .username.replaceAll(/\p{Cc}/gu, '')
      .slice(0, 200) || 'unnamed'
  }`
}

/** Models, jobs and plugins have ids of other forms, and no way to store a receipt (PROV-047). */
export function isPerson(userId: string): boolean {
  return userId.startsWith(PREFIX) && userId.length > PREFIX.length
}

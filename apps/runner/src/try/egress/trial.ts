import type { Disclosure } from '../../consent/disclosure.ts'
import type { Person } from '../../consent/person.ts'
import { interrupted } from '../scratch-folder.ts'
import { attacks, type Attack } from './attacks.ts'
import { AS_MEANT } from './trial-config.ts'
import { attemptCalls, type Attempt, type Trial } from './attempt.ts'

/** A person's answer, and what the sink received because of it. */
export interface Answer {
  readonly answer: 'approved' | 'denied'
  readonly disclosure: Disclosure
  readonly attempt: Attempt
}

export interface EgressTrial {
  readonly answers: readonly Answer[]
  readonly attacks: readonly Attack[]
}

/**
 * Asks each person about the same call, then attacks. After an approval the call is made once more with nobody to ask, which is
 * an attack too. Throws `INTERRUPTED` when somebody leaves a question. `onRefused` is for a call that was refused before anybody was asked.
 */
export async function egressTrial(
  trial: Trial,
  people: readonly Person[],
  onAnswer: (answer: Answer) => void,
  onRefused: (attempt: Attempt) => never,
): Promise<EgressTrial> {
  const answers: Answer[] = []
  let spent: Attempt | undefined
  for (const person of people) {
    const asked = remembering(person)
    const [attempt, again] = await attemptCalls(trial, AS_MEANT, [() => ({ person: asked }), () => ({})])
    const { disclosure, answer } = asked.given ?? {}
    if (answer === 'interrupted') throw interrupted()
    if (!attempt || !disclosure || !answer) return onRefused(attempt ?? { received: [], refusal: undefined })
    if (answer === 'approved') spent = again
    const given = { answer, disclosure, attempt }
    answers.push(given)
    onAnswer(given)
  }
  return { answers, attacks: await attacks(trial, spent) }
}

interface RememberingPerson extends Person {
  given?: { readonly disclosure: Disclosure; readonly answer: 'approved' | 'denied' | 'interrupted' }
}

function remembering(person: Person): RememberingPerson {
  const asked: RememberingPerson = {
    async answer(disclosure) {
      const answer = await person.answer(disclosure)
      asked.given = { disclosure, answer: answer === 'unclear' ? 'denied' : answer }
      return answer
    },
  }
  return asked
}

/** Nothing came where a person said no, exactly the shown bytes where one said yes, and nothing in any attack. */
export function isHeld({ answers, attacks: attacked }: EgressTrial): boolean {
  return answers.every(isAsAnswered) && attacked.every(isRefused)
}

export function isAsAnswered({ answer, disclosure, attempt: { received } }: Answer): boolean {
  if (answer === 'denied') return received.length === 0
  const [body, ...more] = received
  return more.length === 0 && body?.sha256 === disclosure.plan.payload_sha256
}

export function isRefused({ expected, attempt: { received, refusal } }: Attack): boolean {
  return received.length === 0 && refusal?.code === expected
}

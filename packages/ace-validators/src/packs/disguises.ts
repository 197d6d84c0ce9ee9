import type { InjectionPattern } from '@ctxlock/contracts/guards'

// The best known demands in their most common words, as whole sentences: the letters of fewer words follow each other in any text.

const SET_ASIDE = ['ignore', 'disregard', 'forget']
const EARLIER = [
  'all previous',
  'all prior',
  'all the previous',
  'all above',
  'the previous',
  'the above',
  'your previous',
  'previous',
  'prior',
]

/** What the letters of a text are searched for beside the mandatory patterns. A hundred, for every letter takes a row of a table. */
export const DISGUISED: readonly InjectionPattern[] = [
  ...sentences('DISG-1', SET_ASIDE, EARLIER, ['instructions', 'rules', 'prompts']),
  ...sentences('DISG-2', SET_ASIDE, ['all', 'your', 'all your'], ['instructions']),
  ...sentences(
    'DISG-3',
    ['reveal', 'print', 'output', 'repeat', 'show me'],
    ['your'],
    ['system prompt', 'full system prompt'],
  ),
]

function sentences(id: string, ...parts: readonly (readonly string[])[]): InjectionPattern[] {
  const texts = parts.reduce<readonly string[]>(
    (starts, part) => starts.flatMap((start) => part.map((words) => `${start} ${words}`.trim())),
    [''],
  )
  return texts.map((text, index) => ({ id: `${id}-${index + 1}`, text }))
}

import { Badge, Command, Hash, Time } from '../parts/marks.tsx'
import { Empty, Failure } from '../parts/notices.tsx'
import { Text } from '../parts/text.tsx'
import type { PacksAnswer, PacksQuestion, PackState } from '../record-api.ts'
import type { Route } from '../router.ts'
import { useAnswer } from '../use-answer.ts'

/** `#/packs`: which packs no longer fit their sources, and what the policy does about it. */
export function PacksView({ route }: { readonly route: Route }) {
  const after = route.parameters.get('after') ?? undefined
  const isAll = route.parameters.get('show') === 'all'
  const question: PacksQuestion = { only_stale: !isAll, ...(after !== undefined && { after }) }
  const { answer, error } = useAnswer<PacksAnswer>('/api/packs', question)
  return (
    <>
      <div class="view-head">
        <h1>Packs</h1>
        <form class="filters" onSubmit={(event) => event.preventDefault()}>
          <label>
            Show
            <select
              value={isAll ? 'all' : 'stale'}
              onChange={({ currentTarget }) => void (location.hash = addressOf(currentTarget.value === 'all'))}
            >
              <option value="stale">packs whose source changed</option>
              <option value="all">all packs</option>
            </select>
          </label>
        </form>
      </div>
      {error && <Failure of={error} />}
      {answer && (
        <>
          <Policy of={answer.policy} />
          <Found answer={answer} isAll={isAll} isFirst={after === undefined} />
          <nav class="pages" aria-label="Pages">
            {after !== undefined && <a href={addressOf(isAll)}>First</a>}
            {answer.next !== null && <a href={addressOf(isAll, answer.next)}>Further packs</a>}
          </nav>
        </>
      )}
    </>
  )
}

function Found({
  answer,
  isAll,
  isFirst,
}: {
  readonly answer: PacksAnswer
  readonly isAll: boolean
  readonly isFirst: boolean
}) {
  if (answer.looked_at === 0 && isFirst)
    return (
      <Empty title="No pack yet">
        Packs are made by a call, or all at once by <code>ctxlock lock</code>.
      </Empty>
    )
  if (answer.packs.length === 0)
    return (
      <Empty title={answer.next === null ? 'Every pack fits its source' : 'None among these'}>
        {answer.looked_at} packs were compared with the files as they are now.
      </Empty>
    )
  return (
    <table class="figures">
      <caption class="visually-hidden">{isAll ? 'Packs' : 'Packs whose source changed'}</caption>
      <thead>
        <tr>
          {['Of', 'State', 'What changed', 'Made'].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {answer.packs.map((pack) => (
          <Row key={pack.target} pack={pack} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ pack: { target, payload_hash, changed, made_at } }: { readonly pack: PackState }) {
  return (
    <tr>
      <th scope="row">
        <Text of={target} /> <Hash of={payload_hash} />
      </th>
      <td data-name="State">
        {changed.length === 0 ? <Badge of="fresh" tone="good" /> : <Badge of="stale" tone="warn" />}
      </td>
      <td data-name="What changed" class="wraps">
        {changed.length === 0 && '–'}
        {changed.map(({ path, before, now }) => (
          <div key={path}>
            {path !== target && <Text of={`${path} `} />}
            {now === null ? (
              'the file is gone'
            ) : (
              <>
                <Hash of={before} /> is <Hash of={now} /> now
              </>
            )}
          </div>
        ))}
      </td>
      <td data-name="Made">
        <Time at={made_at} />
      </td>
    </tr>
  )
}

const HANDLING: Readonly<Record<string, string>> = {
  fallback: 'the call goes on with the file itself, read in bounds',
  degrade_and_fallback: 'the call goes on with the file itself and is marked degraded',
  fail: 'the call is refused (exit 3)',
}

/** What happens to a stale pack at the next call, and what a person can do now. */
function Policy({ of: { regen_allowed, regen_required, stale_handling } }: { readonly of: PacksAnswer['policy'] }) {
  return (
    <div class="notice policy">
      <p>
        {regen_allowed
          ? 'A stale pack is made anew when a call needs it.'
          : 'The policy forbids to make a stale pack anew during a call.'}{' '}
        Where that cannot be done, {HANDLING[stale_handling] ?? stale_handling}
        {regen_required && '; a fresh pack is demanded'}.
      </p>
      <p class="quiet">
        See what changed with <Command of="ctxlock diff" />, and accept it with <Command of="ctxlock lock" />
      </p>
    </div>
  )
}

function addressOf(isAll: boolean, after?: string): string {
  const parameters = new URLSearchParams({ ...(isAll && { show: 'all' }), ...(after !== undefined && { after }) })
  return parameters.size === 0 ? '#/packs' : `#/packs?${parameters}`
}

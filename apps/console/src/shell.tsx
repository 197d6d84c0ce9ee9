import { useCallback, useEffect, useLayoutEffect, useRef } from 'preact/hooks'

import type { WorkspaceName } from './api.ts'
import { LiveContext, useLive } from './live.ts'
import { Text } from './parts/text.tsx'
import { useRoute } from './router.ts'
import { useShortcuts, type Shortcuts } from './shortcuts.ts'
import { useAnswer } from './use-answer.ts'
import { VIEWS } from './views.tsx'

/** What stands around every view: where one is, where one can go, and the log that grows meanwhile. */
export function Shell() {
  const route = useRoute()
  const live = useLive(route.view === 'runs' ? route.id : undefined)
  const { answer: workspace } = useAnswer<WorkspaceName>('/api/workspace')
  const dialog = useRef<HTMLDialogElement>(null)
  const listShortcuts = useCallback(() => dialog.current?.showModal(), [])
  const shortcuts = useShortcuts(listShortcuts)
  const shown = VIEWS.find(({ name }) => name === route.view) ?? VIEWS[0]
  const title = shown?.label ?? 'Call'
  const place = `${route.view}/${route.id ?? ''}`
  const placeBefore = useRef(place)
  // Before the view can be seen: a key that comes right after it must not lose the focus it asked for.
  useLayoutEffect(() => {
    if (placeBefore.current === place) return
    placeBefore.current = place
    // As a new page would: from its top, and read from its beginning.
    document.getElementById('main')?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [place])
  useEffect(() => {
    document.title = `${live.waiting > 0 ? `(${live.waiting}) ` : ''}${title} · ctxlock console`
  }, [title, live.waiting])
  return (
    <LiveContext.Provider value={live}>
      <a class="skip" href="#main" onClick={skipToMain}>
        Skip to the content
      </a>
      <header class="masthead">
        <p class="wordmark">
          ctxlock
          {workspace && (
            <span class="workspace" title={workspace.folder}>
              <Text of={workspace.name} />
            </span>
          )}
        </p>
        <nav aria-label="Views">
          {VIEWS.flatMap(({ name, label }) =>
            label === undefined
              ? []
              : [
                  <a key={name} href={`#/${name}`} aria-current={name === shown?.name ? 'page' : undefined}>
                    {label}
                    {name === 'approvals' && live.waiting > 0 && (
                      <span class="count">
                        {live.waiting}
                        <span class="visually-hidden"> waiting</span>
                      </span>
                    )}
                  </a>,
                ],
          )}
        </nav>
        <button type="button" class="quiet" onClick={listShortcuts}>
          Keys
        </button>
      </header>
      {live.connection === 'ended' && (
        <p class="notice bad ended" role="alert">
          This page is no longer connected. Start <code>ctxlock console</code> again and open the address it prints.
        </p>
      )}
      <main id="main" tabIndex={-1}>
        {shown && <shown.View route={route} />}
      </main>
      <ShortcutsDialog dialog={dialog} shortcuts={shortcuts} />
    </LiveContext.Provider>
  )
}

interface ShortcutsDialogProps {
  readonly dialog: { readonly current: HTMLDialogElement | null }
  readonly shortcuts: Shortcuts
}

function ShortcutsDialog({ dialog, shortcuts }: ShortcutsDialogProps) {
  return (
    <dialog ref={dialog} aria-labelledby="keys">
      <h2 id="keys">Keys</h2>
      <ul class="plain keys">
        {VIEWS.flatMap(({ name, label, letter }) =>
          letter === undefined
            ? []
            : [
                <li key={name}>
                  <kbd>g</kbd> <kbd>{letter}</kbd> {label}
                </li>,
              ],
        )}
        <li>
          <kbd>/</kbd> search
        </li>
        <li>
          <kbd>?</kbd> these keys
        </li>
      </ul>
      <label class="check">
        <input
          type="checkbox"
          checked={shortcuts.isOn}
          onChange={({ currentTarget }) => shortcuts.turn(currentTarget.checked)}
        />
        Single keys work
      </label>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  )
}

/** The address belongs to the router. */
function skipToMain(event: Event): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}

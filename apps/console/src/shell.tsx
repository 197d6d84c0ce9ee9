import { useRoute } from './router.ts'
import { VIEWS } from './views.tsx'

/** What stands around every view: where one is and where one can go. */
export function Shell() {
  const route = useRoute()
  const shown = VIEWS.find(({ name }) => name === route.view) ?? VIEWS[0]
  return (
    <>
      <a class="skip" href="#main" onClick={skipToMain}>
        Skip to the content
      </a>
      <header class="masthead">
        <p class="wordmark">ctxlock</p>
        <nav aria-label="Views">
          {VIEWS.map(({ name, label }) => (
            <a key={name} href={`#/${name}`} aria-current={name === shown?.name ? 'page' : undefined}>
              {label}
            </a>
          ))}
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        {shown && <shown.View route={route} />}
      </main>
    </>
  )
}

/** The address belongs to the router. */
function skipToMain(event: Event): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}

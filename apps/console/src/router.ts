import { useEffect, useState } from 'preact/hooks'

/** Behind the `#`, so that no server is asked for it. */
export interface Route {
  /** `runs` of `#/runs/01a7dd0f?state=waiting`. */
  readonly view: string
  readonly id: string | undefined
  readonly parameters: URLSearchParams
}

export function routeOf(hash: string): Route {
  const [path = '', query] = hash.replace(/^#\/?/, '').split('?')
  const [view = '', id] = path.split('/')
  return { view: view === '' ? 'runs' : view, id: id === '' ? undefined : id, parameters: new URLSearchParams(query) }
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => routeOf(location.hash))
  useEffect(() => {
    const onChange = () => setRoute(routeOf(location.hash))
    addEventListener('hashchange', onChange)
    return () => removeEventListener('hashchange', onChange)
  }, [])
  return route
}

import { useEffect, useState } from 'preact/hooks'

import { VIEWS } from './views.tsx'

const SETTING = 'ctxlock-shortcuts'

export interface Shortcuts {
  readonly isOn: boolean
  turn(on: boolean): void
}

/** `/` goes to the search, `g` and a letter to a view, `?` lists them. Off for whoever speaks to the computer (WCAG 2.1.4). */
export function useShortcuts(list: () => void): Shortcuts {
  const [isOn, setOn] = useState(localStorage.getItem(SETTING) !== 'off')
  useEffect(() => {
    if (!isOn) return undefined
    let before = ''
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const view = before === 'g' ? VIEWS.find(({ letter }) => letter === event.key) : undefined
      before = event.key
      if (view) location.hash = `#/${view.name}`
      else if (event.key === '?') list()
      else if (event.key === '/') document.querySelector<HTMLElement>('[data-search]')?.focus()
      else return
      event.preventDefault()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [isOn, list])
  return {
    isOn,
    turn(on) {
      localStorage.setItem(SETTING, on ? 'on' : 'off')
      setOn(on)
    },
  }
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, select, textarea, dialog') !== null
}

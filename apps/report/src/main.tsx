import { render } from 'preact'

import { App } from './app.tsx'

const root = document.getElementById('app')
if (root) render(<App text={document.getElementById('report')?.textContent ?? ''} />, root)

// What is folded away on a screen is part of the paper.
addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details')) details.open = true
})

import { render } from 'preact'

import { keepKey } from './client.ts'
import { Shell } from './shell.tsx'

keepKey(location.hash, localStorage, (url) => history.replaceState(null, '', url))
const root = document.getElementById('app')
if (root) render(<Shell />, root)

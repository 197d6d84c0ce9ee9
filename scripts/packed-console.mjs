// What `ctxlock console` of the packed command must do for a stranger: print an address that opens the pages, once, and end on Ctrl-C.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** All pages together, in bytes: they are read into memory and sent to a browser as they are. */
const MOST_PAGE_BYTES = 200_000

/** `file` is the installed command, `folder` a workspace. Resolves to what is wrong, in words. */
export async function packedConsoleProblems(file, folder) {
  const child = spawn(file, ['console', '--json', '--workspace', folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  try {
    const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), ended.then(() => [''])])
    if (line === '') return ['console ended before it printed its address']
    return await pageProblems(JSON.parse(line).url)
  } finally {
    child.kill('SIGINT')
    await ended
  }
}

async function pageProblems(entry) {
  const entered = await fetch(entry)
  const headers = { cookie: entered.headers.get('set-cookie')?.split(';')[0] ?? '' }
  const page = await fetch(new URL('/', entry), { headers })
  const html = await page.text()
  const assets = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path)
  const problems = []
  if (!assets.some((path) => path.endsWith('.js'))) problems.push(`console answered ${page.status} without a script`)
  let bytes = html.length
  for (const path of assets) {
    const answer = await fetch(new URL(path, entry), { headers })
    if (!answer.ok) problems.push(`console has no ${path}`)
    bytes += (await answer.arrayBuffer()).byteLength
  }
  if (bytes > MOST_PAGE_BYTES) problems.push(`the console's pages have ${bytes} bytes, more than ${MOST_PAGE_BYTES}`)
  if ((await fetch(entry)).status !== 401) problems.push('console opened twice with one address')
  return problems
}

import { createHash } from 'node:crypto'

import { defineConfig, type Plugin } from 'vite'

export default defineConfig({
  plugins: [oneFile()],
  build: { target: 'es2024', modulePreload: false, cssCodeSplit: false, chunkSizeWarningLimit: 150 },
})

/** Puts script and styles into the page, and their hashes into its policy: nothing else may run in it or be loaded by it. */
function oneFile(): Plugin {
  return {
    name: 'one-file',
    enforce: 'post',
    generateBundle(_, bundle) {
      const files = Object.values(bundle)
      const page = files.find(({ fileName }) => fileName === 'index.html')
      const script = files.flatMap((file) => (file.type === 'chunk' ? [file.code] : [])).join('')
      const styles = files
        .flatMap((file) => (file.fileName.endsWith('.css') && file.type === 'asset' ? [file.source] : []))
        .join('')
      if (page?.type !== 'asset' || /<\/script|<!--/i.test(script) || /<\/style/i.test(styles))
        throw new Error('Expected one page, and code that can stand in it.')
      page.source = String(page.source)
        .replace(/\s*<script type="module"[^>]*><\/script>/, '')
        .replace(/\s*<link rel="stylesheet"[^>]*>/, '')
        .replace('%POLICY%', policyFor(script, styles))
        .replace('</head>', () => `<style>${styles}</style></head>`)
        .replace('</body>', () => `<script type="module">${script}</script></body>`)
      for (const { fileName } of files) if (fileName !== 'index.html') delete bundle[fileName]
    },
  }
}

function policyFor(script: string, styles: string): string {
  const hashOf = (code: string) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`
  return [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(styles)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

import { defineConfig } from 'vite'

export default defineConfig({
  build: {
    // The pages are served under a policy without inline code, and a bundle of one version needs no older browsers.
    target: 'es2024',
    modulePreload: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 150,
  },
})

// Builds src/ into dist/, which the server embeds. Names carry no hash of time or machine: the same sources give the same files.
import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    outDir: 'dist',
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        entryFileNames: 'assets/[name].js',
        chunkFileNames: 'assets/[name].js',
        assetFileNames: 'assets/[name][extname]',
      },
    },
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:8000' } },
});

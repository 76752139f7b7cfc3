// Builds src/ into dist/, which the server embeds. Names carry no hash of time or machine: the same sources give the same files.
import { defineConfig, loadEnv } from 'vite';

const AT = loadEnv('', '.', 'LOOKBACK_')['LOOKBACK_AT'] ?? 'http://127.0.0.1:8000';

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
  // `LOOKBACK_AT` names a server that runs. It refuses what another site's page sends, so its own address is named as the origin.
  server: { proxy: { '/v1': { target: AT, changeOrigin: true, headers: { origin: AT } } } },
});

// Tests in a real Chromium (Debian's package) against the real server. `LOOKBACK` names the program; the default is the release build.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'tests',
  workers: 1,
  timeout: 180_000,
  // How long a state is waited for; nothing is judged by how long it takes.
  expect: { timeout: 30_000 },
  reporter: [['list']],
  outputDir: '../target/web-tests',
  use: {
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox'],
    },
    viewport: { width: 1280, height: 800 },
  },
});

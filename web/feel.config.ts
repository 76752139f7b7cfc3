// `npm run feel`: how long things take with a hundred thousand alerts. Nothing is judged, so that it can run on any machine.
import { defineConfig } from '@playwright/test';
import base from './playwright.config';

// What is measured is put into the page as text, which the policy of the pages refuses.
export default defineConfig({ ...base, testDir: 'feel', timeout: 600_000, use: { ...base.use, bypassCSP: true } });

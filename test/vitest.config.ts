import { defineConfig } from 'vitest/config';

/** What every test file of a project finds: Postgres, pg_cron and Kafka. */
const services = ['test/harness/services.ts'];

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    // Two cores carry Postgres, Kafka and the programs under test, too.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'tests',
          include: ['test/**/*.test.ts'],
          exclude: ['test/verify/**', 'test/chaos/campaign.test.ts'],
          globalSetup: services,
        },
      },
      {
        // Beside nothing else: it needs the machine, and brings services of its own.
        extends: true,
        test: {
          name: 'chaos',
          include: ['test/chaos/campaign.test.ts'],
          sequence: { groupOrder: 1 },
        },
      },
      {
        // What takes long or needs outside tools: `npm run verify`.
        extends: true,
        test: {
          name: 'verify',
          include: ['test/verify/**/*.test.ts'],
          globalSetup: services,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});

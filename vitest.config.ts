import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Two cores: two processes. Each file has its own, because some kill servers and change the environment.
    pool: 'forks',
    maxWorkers: 2,
    // A test that starts a server takes a second or two on a busy machine; one that hangs should not take minutes.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    env: { TZ: 'UTC', AWS_EC2_METADATA_DISABLED: 'true' },
    coverage: { provider: 'v8', include: ['lib/**/*.ts', 'functions/**/*.ts'] },
  },
});

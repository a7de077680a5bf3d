#!/usr/bin/env node
import { existsSync } from 'node:fs';

// The program `scheduler`: of a checkout as it lies there, with the Node that is one of our packages; of an
// installed package what was compiled, for Node strips no types below node_modules.
if (existsSync(new URL('../local/bootstrap.mjs', import.meta.url))) {
  process.argv.splice(2, 0, 'cli/main.ts');
  await import('../local/bootstrap.mjs');
} else {
  const compiled = '../dist/cli/main.js';
  await import(compiled);
}

import { startVitest, type TestModule } from 'vitest/node';

/** `npm test` or `npm run verify`, and which files of it: parts of their paths. */
const [first, ...rest] = process.argv.slice(2);
const verify = first === '--verify';
const files = verify || first === undefined ? rest : [first, ...rest];
const project = verify ? ['verify'] : ['tests', 'chaos'];

const config = new URL('vitest.config.ts', import.meta.url).pathname;
const vitest = await startVitest('test', files, { config, project, watch: false });
const modules = vitest.state.getTestModules();
const tests = modules.flatMap((module) => [...module.children.allTests()]);
const count = (state: string) => tests.filter((test) => test.result().state === state).length;
const failed =
  count('failed') +
  modules.filter(brokenOutsideTests).length +
  vitest.state.getUnhandledErrors().length;
const skipped = count('skipped');
await vitest.close();
process.stdout.write(
  `${count('passed')} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`,
);
process.exit(failed === 0 && count('passed') > 0 ? 0 : 1);

/** A file whose import or hooks failed has errors without a failed test. */
function brokenOutsideTests(module: TestModule): boolean {
  const suites = [module, ...module.children.allSuites()];
  return suites.some((suite) => suite.errors().length > 0);
}

import { runRelay } from '../../relay/program.ts';
import { loadSettings } from '../../settings/settings.ts';

/** A relay that gets a signal, once, at the first step of the given name: `KILL_AT=sent`, `STOP_AT=claimed`. */
const { KILL_AT, STOP_AT } = process.env;
let done = false;

await runRelay(loadSettings(), (step) => {
  process.stdout.write(`step ${step}\n`);
  if (done || (step !== KILL_AT && step !== STOP_AT)) return;
  done = true;
  process.kill(process.pid, step === KILL_AT ? 'SIGKILL' : 'SIGSTOP');
});

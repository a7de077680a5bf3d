import { runRelay } from '../../relay/program.ts';
import { loadSettings } from '../../settings/settings.ts';

/**
 * A relay that gets a signal, once, at a step of the given name: `KILL_AT=sent`, `STOP_AT=claimed`.
 * `SIGNAL_AFTER=3` lets three of them pass.
 */
const { KILL_AT, STOP_AT, SIGNAL_AFTER } = process.env;
let left = Number(SIGNAL_AFTER ?? 0);

await runRelay(loadSettings(), (step, lane) => {
  process.stdout.write(`step ${step} ${lane}\n`);
  if (left < 0 || (step !== KILL_AT && step !== STOP_AT)) return;
  left -= 1;
  if (left < 0) process.kill(process.pid, step === KILL_AT ? 'SIGKILL' : 'SIGSTOP');
});

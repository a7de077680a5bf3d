/**
 * A relay that its parent can have killed or stopped at a step, by a message `{ arm: Arm }`. Prints
 * `at <step> <lane>` when it gets the signal.
 */
import { writeSync } from 'node:fs';
import { runRelay } from '../../relay/program.ts';
import { loadSettings } from '../../settings/settings.ts';
import type { Arm } from './relay.ts';

let armed: (Arm & { readonly until: number }) | null = null;

process.on('message', (message: { readonly arm?: Arm }) => {
  if (message.arm) armed = { ...message.arm, until: performance.now() + message.arm.within };
});

await runRelay(loadSettings(), (step, lane) => {
  if (armed?.step !== step || performance.now() > armed.until) return;
  if (armed.skip > 0) {
    armed = { ...armed, skip: armed.skip - 1 };
    return;
  }
  const { signal, delay } = armed;
  armed = null;
  const fire = () => {
    writeSync(1, `at ${step} ${lane}\n`);
    process.kill(process.pid, signal);
  };
  if (delay === 0) fire();
  else setTimeout(fire, delay);
});

// `npm start`. Signals are minded before anything else is loaded, which takes a while.
const signal = untilSignal();
const { runSystem } = await import('./system.ts');
process.exitCode = await runSystem(signal, (line) => process.stderr.write(`${line}\n`));
// What may still hold the process: a set-up step that a signal has overtaken.
process.exit();

/** The first signal that asks us to stop; later ones change nothing. */
function untilSignal(): Promise<{ signal: NodeJS.Signals }> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, (signal) => resolve({ signal }));
    }
  });
}

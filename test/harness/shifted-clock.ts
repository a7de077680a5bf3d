/**
 * Loaded before a program (`--import`), gives it a wrong clock: `Date` is off by CLOCK_SHIFT ms. It
 * steps at run time by `globalThis.shiftClock(ms)`, or when the parent sends `{ clock: ms }`. Timers
 * and `performance.now()` go on as they do when the clock of a machine is set.
 */
declare global {
  /** @param ms by which the clock is off from now on */
  var shiftClock: (ms: number) => void;
}

globalThis.shiftClock = installShiftedClock(Number(process.env.CLOCK_SHIFT ?? 0));
process.on('message', (message: { readonly clock?: number }) => {
  if (message.clock !== undefined) globalThis.shiftClock(message.clock);
});
// To listen for that does not keep a program alive.
process.channel?.unref();

/** Puts a `Date` in the place of the real one. @returns what sets its shift */
function installShiftedClock(initial: number): (ms: number) => void {
  let shift = initial;
  const Real = Date;
  const now = () => Real.now() + shift;
  globalThis.Date = new Proxy(Real, {
    apply: () => new Real(now()).toString(),
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    get: (target, property, receiver) =>
      property === 'now' ? now : Reflect.get(target, property, receiver),
  });
  return (ms) => {
    shift = ms;
  };
}

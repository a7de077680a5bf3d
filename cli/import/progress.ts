import { MultiBar } from 'cli-progress';

/** What an import has done so far. */
export interface Tally {
  lines: number;
  created: number;
  known: number;
  refused: number;
}

export interface Progress {
  /** Shows how far it is. */
  update(tally: Tally, bytes: number): void;
  /** Writes a line to standard error. */
  say(line: string): void;
  stop(): void;
}

const FORMAT = '{lines} lines: {created} created, {known} known already, {refused} refused';
/** ms between two lines where there is no terminal */
const QUIET_INTERVAL = 5_000;

/**
 * Progress on standard error: a bar on a terminal, elsewhere a line every few seconds.
 * @param total bytes; null: nobody knows
 */
export function showProgress(total: number | null): Progress {
  return process.stderr.isTTY ? showBar(total) : showLines(total);
}

function showBar(total: number | null): Progress {
  const format = total === null ? FORMAT : `{bar} {percentage} % ${FORMAT}`;
  // Signals end the program as they do any other; nothing is to be tidied up then.
  const bars = new MultiBar({ format, stream: process.stderr, gracefulExit: false });
  const none: Tally = { lines: 0, created: 0, known: 0, refused: 0 };
  const bar = bars.create(total ?? 0, 0, none);
  return {
    update: (tally, bytes) => bar.update(bytes, tally),
    say: (line) => bars.log(`${line}\n`),
    stop: () => {
      // Writes what was said since the last drawing, which stopping alone would forget.
      bars.update();
      bars.stop();
    },
  };
}

function showLines(total: number | null): Progress {
  let last = performance.now();
  const say = (line: string) => process.stderr.write(`${line}\n`);
  return {
    update: ({ lines, created, known, refused }, bytes) => {
      if (performance.now() - last < QUIET_INTERVAL) return;
      last = performance.now();
      const share = total ? `${Math.floor((bytes / total) * 100)} %, ` : '';
      say(`${share}${lines} lines: ${created} created, ${known} known already, ${refused} refused`);
    },
    say,
    stop: () => undefined,
  };
}

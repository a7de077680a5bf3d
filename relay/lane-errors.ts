/** The lane belongs to another relay now: its fence is old (SQLSTATE SC060). */
export class FenceLostError extends Error {
  constructor(lane: number) {
    super(`lane ${lane} has been taken over`);
    this.name = 'FenceLostError';
  }
}

/** The lane stands still until an operator decides (SQLSTATE SC062). */
export class LaneQuarantinedError extends Error {
  constructor(lane: number, reason: string) {
    super(`lane ${lane} is quarantined: ${reason}`);
    this.name = 'LaneQuarantinedError';
  }
}

/**
 * The connection on which recovery read the lane is gone. What another one shows may be another
 * past: a restored copy, or a standby that lagged behind when it took over.
 */
export class ConnectionGoneError extends Error {
  constructor(lane: number) {
    super(`the connection to Postgres of lane ${lane} is gone`);
    this.name = 'ConnectionGoneError';
  }
}

/** The lane has an open batch that nobody in this relay knows of (SQLSTATE SC061). */
export class BatchOpenError extends Error {
  constructor(lane: number) {
    super(`lane ${lane} has an open batch`);
    this.name = 'BatchOpenError';
  }
}

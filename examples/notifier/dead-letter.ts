/** A message that no repetition would make readable or deliverable; goes to the dead letters. */
export class DeadLetter extends Error {
  constructor(reason: string, cause?: unknown) {
    super(reason, { cause });
    this.name = 'DeadLetter';
  }
}

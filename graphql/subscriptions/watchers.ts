/** Who watches what, by name. */
export class Watchers<Watcher> {
  readonly #byName = new Map<string, Set<Watcher>>();

  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  of(name: string): Iterable<Watcher> {
    return this.#byName.get(name) ?? [];
  }

  add(name: string, watcher: Watcher): void {
    const watchers = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, watchers.add(watcher));
  }

  remove(name: string, watcher: Watcher): void {
    const watchers = this.#byName.get(name);
    watchers?.delete(watcher);
    if (watchers?.size === 0) {
      this.#byName.delete(name);
    }
  }
}

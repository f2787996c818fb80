/** What must be taken away when the bench ends, however it does. */
class Leftovers {
  private readonly all = new Set<() => Promise<unknown>>();

  /** Takes this away at the end, unless it is {@link forget | forgotten} before. */
  add(remove: () => Promise<unknown>): void {
    this.all.add(remove);
  }

  /** It is gone already. */
  forget(remove: () => Promise<unknown>): void {
    this.all.delete(remove);
  }

  /** Takes all away, what came last first; one that fails keeps no other. */
  async removeAll(): Promise<void> {
    for (const remove of [...this.all].reverse()) {
      this.all.delete(remove);
      await remove().catch((error: Error) => console.error(`not taken away: ${error.message}`));
    }
  }
}

/** Those of this process. */
export const leftovers = new Leftovers();

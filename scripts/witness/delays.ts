/** Pauses that can be ended early, all at once. */
export class Delays {
  private readonly wake = new Map<() => void, NodeJS.Timeout>();

  /** Afterwards the event loop has read what the sockets had to tell (timers run before sockets, immediates after). */
  async sleep(ms: number): Promise<void> {
    if (ms > 0) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.wake.delete(wake);
          resolve();
        };
        this.wake.set(wake, setTimeout(wake, ms));
      });
    }
    await new Promise((resolve) => setImmediate(resolve));
  }

  wakeAll(): void {
    for (const [wake, timer] of this.wake) {
      clearTimeout(timer);
      wake();
    }
  }
}

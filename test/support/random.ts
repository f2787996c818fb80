/** Random numbers from a seed: the same ones each time (mulberry32). */
export class Random {
  constructor(private state: number) {}

  /** From 0 to below 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  between = (least: number, most: number) => least + (most - least) * this.next();

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** How many events, by Poisson's law; by the normal one where there are many. */
  poisson(mean: number): number {
    if (mean > 40) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const floor = Math.exp(-mean);
    let count = 0;
    for (let product = this.next(); product > floor; product *= this.next()) count++;
    return count;
  }

  /** How many of so many. */
  binomial(all: number, part: number): number {
    if (all === 0 || part <= 0) return 0;
    if (part >= 1) return all;
    if (part > 0.5) return all - this.binomial(all, 1 - part);
    const mean = all * part;
    if (mean > 40) return Math.min(all, Math.max(0, Math.round(mean + Math.sqrt(mean * (1 - part)) * this.normal())));
    if (all > 60) return Math.min(all, this.poisson(mean));
    let count = 0;
    for (let one = 0; one < all; one++) if (this.next() < part) count++;
    return count;
  }
}

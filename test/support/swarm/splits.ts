import type { SwarmNode } from "./node";

/** A MAC address that nobody has. */
const NOBODY = "02:00:00:00:00:00";

/** What a node sends to another gets lost without a word: it believes that the other has a card which nobody has. */
const lose = (from: SwarmNode, to: SwarmNode) =>
  from.inside.run("ip", "neigh", "replace", to.address, "lladdr", NOBODY, "dev", "eth0", "nud", "permanent");

const find = (from: SwarmNode, to: SwarmNode) => from.inside.run("ip", "neigh", "del", to.address, "dev", "eth0");

/** The pairs of nodes that do not reach each other, whereas all others reach both. */
export class Splits {
  private pairs: [SwarmNode, SwarmNode][] = [];

  async split(one: SwarmNode, other: SwarmNode): Promise<void> {
    this.pairs.push([one, other]);
    await this.again();
  }

  /** Splits those that are on once more: a node that was started again knows nothing of it. */
  async again(): Promise<void> {
    for (const [one, other] of this.pairs) {
      if (one.isOn) await lose(one, other);
      if (other.isOn) await lose(other, one);
    }
  }

  async heal(one: SwarmNode, other: SwarmNode): Promise<void> {
    this.pairs = this.pairs.filter((pair) => !(pair.includes(one) && pair.includes(other)));
    if (one.isOn) await find(one, other);
    if (other.isOn) await find(other, one);
  }
}

import { Delays } from "../../../scripts/witness/delays";
import type { Door } from "./door";
import { Http2Visitor } from "./visitors/http2";
import { IdleVisitor, FreshVisitor, KeptVisitor, SlowVisitor } from "./visitors/plain";
import { BodyVisitor, HeaderVisitor } from "./visitors/echo";
import { HalfVisitor, OldVisitor, PipelineVisitor } from "./visitors/raw";
import { SocketVisitor } from "./visitors/socket";
import type { Visitor } from "./visitors/visitor";

/** Who comes to the site: how many of each. */
const CROWD: [new (door: Door) => Visitor, number][] = [
  [KeptVisitor, 4],
  [FreshVisitor, 2],
  [IdleVisitor, 4],
  [SlowVisitor, 2],
  [HeaderVisitor, 1],
  [BodyVisitor, 1],
  [HalfVisitor, 1],
  [PipelineVisitor, 1],
  [OldVisitor, 1],
  [Http2Visitor, 1],
  [SocketVisitor, 2],
];

/** A bound on what a life may send. */
const MOST_REQUESTS = 2_000_000;

/** All visitors of a site, each sending one request after another until they are sent home. */
export class Crowd {
  private readonly naps = new Delays();
  private readonly visitors: Visitor[];
  private readonly loops: Promise<void>[];
  private over = false;

  constructor(private readonly door: Door) {
    this.visitors = CROWD.flatMap(([Kind, count]) => Array.from({ length: count }, () => new Kind(door)));
    this.loops = this.visitors.map((visitor) => this.send(visitor));
  }

  private async send(visitor: Visitor): Promise<void> {
    while (!this.over && this.door.record.total < MOST_REQUESTS) {
      if (this.door.port > 0) await visitor.turn();
      await this.naps.sleep(this.over ? 0 : visitor.pause());
    }
    visitor.close();
  }

  /** Ends the load, once the requests in flight have their answers. */
  async goHome(): Promise<void> {
    this.over = true;
    this.naps.wakeAll();
    await Promise.all(this.loops);
  }
}

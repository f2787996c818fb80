import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { volumeName } from "../../../plan/volumes";
import { freePort, freePorts } from "../../../scripts/common/freePort";
import { TestStack, type Ran } from "../stack";
import { BIRTH, planned, raw, type Config, type Tokens } from "./config";
import { Door } from "./door";
import { makeImages, removeImages } from "./images";
import { Record } from "./record";
import { rulesBetween, rulesOf } from "./rules";

const project = join(__dirname, "../../..");
const QUIETLY = ["--yes", "--skip-preview"];
const MOST_TRIES = 3;

/** A resource as the stack's state has it. */
export interface Deployed {
  urn: string;
  type: string;
  id: string;
  /** Its logical name. */
  name: string;
  outputs?: { name?: string };
  /** Whether it is to go, and has not gone yet. */
  delete?: boolean;
}

/** A stack that lives: its config, its visitors' door, and what they may see. */
export class World {
  config: Config = BIRTH;
  readonly record = new Record();
  readonly door = new Door(this.record);
  /** Why an update asked to be run again, each time. */
  readonly again: string[] = [];
  private taken: Server | undefined;

  private constructor(
    readonly stack: TestStack,
    readonly tokens: Tokens,
  ) {}

  /** Makes the stack, and what it may need besides, and brings it up. */
  static async create(): Promise<World> {
    const mark = randomBytes(3).toString("hex");
    const ports = { "@production": await freePort(), "@moved": await freePort(), "@staging": await freePort() };
    const more = { "@elsewhere": await freePort(), "@tls": await freePort(), "@taken": await freePort() };
    const rows = { "@metrics": await freePorts(3), "@aside": await freePorts(3) };
    const numbers = Object.entries({ ...ports, ...more, ...rows }).map(([token, port]) => [token, String(port)]);
    const world = new World(await TestStack.create(), { "@mark": mark, ...Object.fromEntries(numbers) } as Tokens);
    try {
      await makeImages(mark);
      await world.stack.docker.createNetwork({ Name: `bluegreen-life-${mark}` });
      await world.stack.docker.createVolume({ Name: `bluegreen-life-${mark}` });
      world.taken = createServer().listen(Number(world.tokens["@taken"]), "127.0.0.1");
      world.write(BIRTH);
      await world.must(await world.up());
      world.tighten();
      return world;
    } catch (error) {
      await world.remove().catch(() => undefined);
      throw error;
    }
  }

  /** Takes everything away. */
  async remove(): Promise<void> {
    const mark = this.tokens["@mark"]!;
    this.taken?.close();
    await this.stack.remove().finally(async () => {
      const { docker, name } = this.stack;
      // What the config has left again stays in Docker, too.
      const own = volumeName({ project: "blue-green", name }, "life");
      const volumes = [`bluegreen-life-${mark}`, own].map((volume) => docker.getVolume(volume));
      for (const one of [docker.getNetwork(`bluegreen-life-${mark}`), ...volumes])
        await one.remove().catch(() => undefined);
      await removeImages(mark);
    });
  }

  /** What the stack is to have with a config. */
  plan(config = this.config) {
    return planned(config, this.tokens);
  }

  /** Writes the stack's config file as a whole. */
  write(config: Config): void {
    const file = join(project, `Pulumi.${this.stack.name}.yaml`);
    const document = parseDocument(readFileSync(file, "utf8"));
    const before = (document.toJS() as { config?: { [key: string]: unknown } }).config ?? {};
    for (const key of Object.keys(before)) if (key.startsWith("blue-green:")) document.deleteIn(["config", key]);
    for (const [key, value] of Object.entries(raw(config, this.tokens)))
      document.setIn(["config", `blue-green:${key}`], value);
    writeFileSync(file, document.toString());
  }

  /**
   * Runs `pulumi up`. Where a busy machine kept HAProxy from an answer it says that it should be run again, and that is
   * done, as a person would; visitors must not have noticed.
   */
  async up(...args: string[]): Promise<Ran> {
    for (let tries = 1; ; tries++) {
      const ran = await this.stack.pulumi(["up", ...QUIETLY, ...args]);
      const asked = /^ *error: (.*run pulumi up again.*)$/m.exec(ran.all)?.[1];
      if (ran.code === 0 || tries === MOST_TRIES || asked === undefined) return ran;
      this.again.push(asked);
    }
  }

  /** Starts `pulumi up`. */
  startUp() {
    return this.stack.start(["up", ...QUIETLY]);
  }

  /** @throws Error with all that a command said, if it failed */
  async must({ code, all }: Ran): Promise<void> {
    if (code !== 0) throw new Error(`it should have succeeded, and ended with ${code}:\n${all}`);
  }

  /** The state's resources. */
  async deployed(): Promise<Deployed[]> {
    const { out } = await this.stack.must(["stack", "export", "--stack", this.stack.name]);
    const { deployment } = JSON.parse(out) as {
      deployment: { resources?: Deployed[]; pending_operations?: unknown[] };
    };
    if (deployment.pending_operations?.length)
      throw new Error(`operations are pending: ${JSON.stringify(deployment.pending_operations)}`);
    return (deployment.resources ?? []).map((found) => ({ ...found, name: found.urn.split("::").at(-1)! }));
  }

  /** From now on visitors may see what either of two configs has. */
  loosen(next: Config): void {
    const then = this.plan(next);
    this.record.rule(rulesBetween(this.plan(), then));
    if (!then.settings.tls?.redirect) this.door.redirect = false;
    if (then.plan.loadBalancer.https?.port !== this.door.tls) this.door.tls = undefined;
  }

  /** From now on visitors must see what the config has, and look for it where it says. */
  tighten(): void {
    const { plan, settings } = this.plan();
    this.door.port = plan.loadBalancer.production.port;
    this.door.tls = plan.loadBalancer.https?.port;
    this.door.redirect = settings.tls?.redirect === true;
    this.door.colorHeader = settings.loadBalancer.colorHeader;
    this.record.rule(rulesOf(this.plan()));
  }
}

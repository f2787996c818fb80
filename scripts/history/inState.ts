import { digestOf } from "../../plan/normalize";
import { COLORS, perColor, type Color } from "../../model/color";
import { SIGNATURE } from "../../routing/wire";
import { NOTHING, type ColorStanding, type Standing } from "./standing";

/** A resource in a state, as far as the history looks at it. */
interface StateResource {
  type: string;
  urn: string;
  /** Replaced, and not removed yet. */
  delete?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** What a state tells of a stack. */
export interface StateFacts {
  standing: Standing;
  /** Per color: the image that its replicas were to have, `repository:tag`, and how many containers had come so far. */
  made: Record<Color, { image: string | null; containers: number }>;
  /** How many resources there are besides what the load balancer is told, without those that still are to go. */
  others: number;
}

const IMAGE = "docker:index/remoteImage:RemoteImage";
const CONTAINER = "docker:index/container:Container";
const ROUTING = "bluegreen:index:Routing";

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : null);
const mapOf = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === "object" && !(SIGNATURE in value) ? (value as Record<string, unknown>) : {};

/** An image's repository and tag: the last colon behind the last slash parts them. */
function parted(name: string | null): Pick<ColorStanding, "image" | "tag"> {
  const [, image, tag] = /^(.+?):((?:[^/:@]+)(?:@.+)?)$/.exec(name ?? "") ?? [];
  return { image: image ?? name, tag: tag ?? null };
}

/** The resources of one color's service, by their URN; on request also those that were replaced and still are to go. */
const ofColor = (resources: readonly StateResource[], type: string, color: Color, leaving = false) =>
  resources.filter(
    ({ type: own, urn, delete: leaves }) =>
      own === type &&
      (leaving || !leaves) &&
      urn.includes(":WebService$") &&
      new RegExp(`-${color}(-\\d+)?$`).test(urn),
  );

/**
 * Reads states one after another, oldest first: it remembers the names of images, since a failed update leaves a state
 * in which the image that serves has no resource any more.
 */
export class StateReader {
  private readonly names = new Map<string, { name: string; digest: string | null }>();

  /** @param deployment the `deployment` of `pulumi stack export`, or the `latest` of a checkpoint file */
  read(deployment: unknown): StateFacts {
    const { resources } = mapOf(deployment);
    const all = (Array.isArray(resources) ? resources : []) as StateResource[];
    for (const color of COLORS) for (const image of ofColor(all, IMAGE, color, true)) this.learn(color, image);
    const found = all.find(({ type }) => type === ROUTING);
    const routing = mapOf(found?.outputs);
    const share = typeof routing["share"] === "number" ? routing["share"] : null;
    const images = perColor((color) => ofColor(all, IMAGE, color)[0]);
    const made = perColor((color) => ({
      image: text(images[color]?.inputs?.["name"]),
      containers: ofColor(all, CONTAINER, color).length,
    }));
    const none = COLORS.every((color) => !images[color] && made[color].containers === 0);
    const others = all.filter(
      ({ type, delete: leaves }) => !leaves && type !== ROUTING && !type.startsWith("pulumi:providers:"),
    ).length;
    if (none && !found) return { standing: NOTHING, made, others };
    return {
      standing: { share, ...perColor((color) => this.color(routing, color, images[color], made)) },
      made,
      others,
    };
  }

  /** Per color, since one image may have two names. */
  private learn(color: Color, { inputs, outputs }: StateResource): void {
    const id = text(outputs?.["imageId"]);
    const name = text(inputs?.["name"]);
    const digest = digestOf(name ?? "", text(outputs?.["repoDigest"]) ?? "") ?? null;
    if (id && name) this.names.set(`${color} ${id}`, { name, digest });
  }

  /** What serves, or stands by, is what the load balancer was told; without one, what was made. */
  private color(
    routing: Record<string, unknown>,
    color: Color,
    image: StateResource | undefined,
    made: StateFacts["made"],
  ): ColorStanding {
    const replicas = mapOf(routing["replicas"])[color];
    // An earlier version did not keep the images' ids.
    const id = text(mapOf(routing["images"])[color]) ?? text(image?.outputs?.["imageId"]);
    const known = id === null ? undefined : this.names.get(`${color} ${id}`);
    return {
      ...parted(known?.name ?? (id === null ? made[color].image : null)),
      digest: known?.digest ?? null,
      imageId: id,
      scale: Array.isArray(replicas) ? replicas.length : made[color].containers,
    };
  }
}

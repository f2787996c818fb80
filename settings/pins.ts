import { at, setCommand, type Fault } from "./fault";
import { schema } from "./schema";

const { tag: tagOf, image: imageOf } = schema.shape.blue.unwrap().shape;

/** What tells the digest that a tag has in its registry: every Docker can, with the login that `docker login` keeps. */
const digestCommand = (image: string) => `docker pull ${image} | sed -n 's/^Digest: //p'`;

/**
 * Tags without a digest, where `requireDigest` asks for one. The command that mends it asks the registry for the digest, and
 * sets nothing that would be accepted where that fails.
 */
export function pinnedTags(raw: Record<string, unknown>): Fault[] {
  if (schema.shape.requireDigest.safeParse(raw["requireDigest"]).data !== true) return [];
  return (["blue", "green"] as const).flatMap((color) => {
    const tag = tagOf.safeParse(at(raw, [color, "tag"])).data;
    const image = imageOf.safeParse(at(raw, [color, "image"]) ?? raw["image"]).data;
    if (tag === undefined || image === undefined || tag.includes("@")) return [];
    const key = `${color}.tag`;
    return [
      {
        key,
        got: tag,
        allowed: `a tag with its digest, such as ${tag}@sha256:…, since requireDigest is true (an image that is in no registry has none)`,
        mend: setCommand(key, `"${tag}@$(${digestCommand(`${image}:${tag}`)})"`),
      },
    ];
  });
}

import { frozen, overridden, type Freeze } from "./freeze";
import { freeze, number, paths } from "./parameters";
import type { Rule } from "./rule";
import * as container from "./rules";
import { noCommonSchema, tooFewReplicas, type Least } from "./traffic";
import * as transition from "./transitions";

const rule = <Parameters = never>(one: Rule<Parameters>): Rule => one;

/** Every rule, in the order in which the documents tell them. */
export const RULES: readonly Rule[] = [
  rule({
    name: "pinned-images",
    on: "image",
    description: "Every image has a tag, and that is not latest.",
    reason: "Without it nobody knows what a way back leads to.",
    check: container.unpinnedImage,
  }),
  rule({
    name: "image-digests",
    on: "replicaImage",
    description: "The colors' images are pinned by a digest.",
    reason: "A tag can be moved in its registry.",
    check: container.withoutDigest,
  }),
  rule({
    name: "no-published-port",
    on: "replica",
    description: "A replica publishes no port.",
    reason: "It would be a way past the load balancer.",
    check: container.publishedPort,
  }),
  rule({
    name: "not-privileged",
    on: "replica",
    description: "A replica does not run in privileged mode.",
    reason: "Whoever breaks into it would own the host.",
    check: container.privilegedMode,
  }),
  rule<{ allowed: string[] }>({
    name: "host-paths",
    on: "replica",
    description: "A replica mounts named volumes, and of the host only what is allowed.",
    reason: "Many paths lead to Docker, to the kernel or to another's data.",
    parameters: { allowed: paths },
    check: (props, { allowed }) => container.hostPath(allowed)(props),
  }),
  rule({
    name: "graceful-stop",
    on: "replica",
    description: "A replica may finish its requests before it is stopped.",
    reason: "Otherwise they fail.",
    check: container.abruptStop,
  }),
  rule({
    name: "no-root",
    on: "replica",
    description: "A replica is not told to run as root.",
    reason: "Root in a container is nearly root on the host. What the image says is not known.",
    check: container.rootUser,
  }),
  rule({
    name: "no-new-privileges",
    on: "replica",
    description: "A replica gains no rights.",
    reason: "A program with the set-user-ID bit would make it root.",
    check: container.newPrivileges,
  }),
  rule({
    name: "private-listeners",
    on: "holder",
    description: "Staging and metrics listen on loopback only.",
    reason: "They are for the operators alone.",
    check: container.openListener,
  }),
  rule<Least>({
    name: "enough-replicas",
    on: "traffic",
    description: "A color with traffic has at least `least` replicas.",
    reason: "A single one cannot crash or be replaced without visitors noticing.",
    parameters: { least: number(2, 1, 200) },
    check: tooFewReplicas,
  }),
  rule({
    name: "common-schema",
    on: "traffic",
    description: "Both colors work with a common version of the data's schema, where `app.schema` tells any.",
    reason: "They share the data: without a common one there is no way back.",
    check: noCommonSchema,
  }),
  rule({
    name: "staged-first",
    on: "traffic",
    description: "No color gets traffic in the update that gives it another image, or its first replicas.",
    reason: "Visitors would get what nobody has seen on staging.",
    check: transition.neverStaged,
  }),
  rule({
    name: "live-image",
    on: "traffic",
    description: "A color with traffic keeps its image.",
    reason: "Visitors would get a version without a switch, and without a way back.",
    check: transition.liveImageReplaced,
  }),
  rule<transition.Kept>({
    name: "way-back",
    on: "traffic",
    description: "A color that loses its traffic keeps its image and `percent` of its replicas in that update.",
    reason: "It is the way back.",
    parameters: { percent: number(100, 0, 100) },
    check: transition.wayBackLost,
  }),
  rule<transition.Enough>({
    name: "capacity",
    on: "traffic",
    description:
      "A color that gets more traffic has at least `percent` of the replicas that carry the same part of it now; `capacity.allowSmaller` is no exception.",
    reason: "Too few are overloaded.",
    parameters: { percent: number(100, 1, 1_000) },
    check: transition.tooSmall,
  }),
  rule<transition.Step>({
    name: "small-steps",
    on: "traffic",
    description:
      "The traffic moves by at most `points` percentage points at once; of the steps of a canary, the largest counts.",
    reason: "A fault meets few visitors first.",
    parameters: { points: number(100, 1, 100) },
    check: transition.tooFar,
  }),
  rule<Freeze>({
    name: "freeze",
    on: "traffic",
    description:
      "While one of its `windows` is open, in its `timeZone`, no update changes which version answers visitors.",
    reason: "Nobody is there to look after it.",
    parameters: freeze,
    check: frozen,
  }),
  rule<Freeze>({
    name: "freeze-override",
    on: "traffic",
    description: "No freeze is overridden (`freeze.override`).",
    reason: "Whoever looks at the update should know.",
    follows: "freeze",
    check: overridden,
  }),
];

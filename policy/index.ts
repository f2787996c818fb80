import {
  PolicyPack,
  type EnforcementLevel,
  type ReportViolation,
  type ResourceValidationArgs,
  type ResourceValidationPolicy,
} from "@pulumi/policy";
import {
  ALLOWED_PATHS,
  abruptStop,
  hostPath,
  isReplica,
  newPrivileges,
  privilegedMode,
  publishedPort,
  rootUser,
  unpinnedImage,
  type ContainerRule,
} from "./rules";

const pinnedImages: ResourceValidationPolicy = {
  name: "pinned-images",
  description: "Every image has a tag, and that is not latest.",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, report) => {
    if (type !== "docker:index/remoteImage:RemoteImage") return;
    const fault = unpinnedImage(String(props["name"]));
    if (fault) report(fault);
  },
};

/** Reports what a rule says of a replica; other resources pass. */
function checked({ type, props, name }: ResourceValidationArgs, report: ReportViolation, check: ContainerRule): void {
  if (type !== "docker:index/container:Container" || !isReplica(props)) return;
  const fault = check(props);
  if (fault) report(`${name} ${fault}`);
}

/** A rule for the replicas of both colors. */
const replicas = (
  name: string,
  description: string,
  check: ContainerRule,
  enforcementLevel: EnforcementLevel = "mandatory",
): ResourceValidationPolicy => ({
  ...{ name, description, enforcementLevel },
  validateResource: (args, report) => checked(args, report, check),
});

interface AllowedPaths {
  allowed: string[];
}

/** Which paths of the host are allowed is for the pack's config to say. */
const hostPathsAllowed: ResourceValidationPolicy = {
  ...replicas("host-paths", "A replica mounts named volumes, and of the host only what is allowed.", () => undefined),
  configSchema: {
    properties: {
      allowed: { type: "array", items: { type: "string", pattern: "^/" }, default: ALLOWED_PATHS },
    },
  },
  validateResource: (args, report) => {
    const { allowed = ALLOWED_PATHS } = args.getConfig<Partial<AllowedPaths>>();
    checked(args, report, hostPath(allowed));
  },
};

new PolicyPack("blue-green", {
  policies: [
    pinnedImages,
    replicas("no-published-port", "A replica publishes no port.", publishedPort),
    replicas("not-privileged", "A replica does not run in privileged mode.", privilegedMode),
    hostPathsAllowed,
    replicas("graceful-stop", "A replica may finish its requests before it is stopped.", abruptStop),
    replicas("no-root", "A replica does not run as root.", rootUser, "advisory"),
    replicas("no-new-privileges", "A replica gains no rights.", newPrivileges, "advisory"),
  ],
});

import { PolicyPack, type EnforcementLevel, type ResourceValidationPolicy } from "@pulumi/policy";
import {
  abruptStop,
  dockerSocket,
  hostFolder,
  isReplica,
  privilegedMode,
  publishedPort,
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

/** A rule for the replicas of both colors. */
const replicas = (
  name: string,
  description: string,
  check: ContainerRule,
  enforcementLevel: EnforcementLevel = "mandatory",
): ResourceValidationPolicy => ({
  ...{ name, description, enforcementLevel },
  validateResource: ({ type, props, name: replica }, report) => {
    if (type !== "docker:index/container:Container" || !isReplica(props)) return;
    const fault = check(props);
    if (fault) report(`${replica} ${fault}`);
  },
});

new PolicyPack("blue-green", {
  policies: [
    pinnedImages,
    replicas("no-published-port", "A replica publishes no port.", publishedPort),
    replicas("not-privileged", "A replica does not run in privileged mode.", privilegedMode),
    replicas("no-docker-socket", "A replica does not reach Docker's socket.", dockerSocket),
    replicas("graceful-stop", "A replica may finish its requests before it is stopped.", abruptStop),
    replicas("no-host-folder", "A replica mounts named volumes, no folder of the host.", hostFolder, "advisory"),
  ],
});

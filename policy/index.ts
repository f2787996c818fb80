import { PolicyPack, type ResourceValidationPolicy } from "@pulumi/policy";
import { unpinnedImage } from "./rules";

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

new PolicyPack("blue-green", { policies: [pinnedImages] });

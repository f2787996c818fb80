import type { PolicyConfigSchema } from "@pulumi/policy";
import type { Change } from "../model/change";
import type { PerColor } from "../model/color";
import type { DataSchema } from "../settings/settings";
import type { ContainerProps } from "./rules";

/** What the resource that moves the traffic is given, as far as rules look at it. */
export interface Traffic {
  change: Change;
  schema?: Partial<PerColor<DataSchema>> | undefined;
}

/** What a rule may know besides the resource. */
export interface Surroundings {
  /** Whether this is a preview, or the first part of an update. */
  preview: boolean;
  now: Date;
  /** What config says in `freeze.override`. */
  override?: unknown;
}

interface Common {
  name: string;
  /** What holds, as a sentence. */
  description: string;
  /** Why, as a sentence. */
  reason: string;
  /** What a file of levels may set besides the level, each with its default. */
  parameters?: PolicyConfigSchema["properties"];
  /** The rule whose parameters are this one's too; where that is disabled, so is this. */
  follows?: string;
}

/** A rule about one kind of resource. `check` says what is wrong and how to mend it, if anything is wrong. */
export type Rule<Parameters = never> = Common &
  (
    | { on: "image"; check: (name: string) => string | undefined }
    /** An image that a color's replicas run. */
    | { on: "replicaImage"; check: (name: string) => string | undefined }
    | { on: "replica" | "holder"; check: (props: ContainerProps, parameters: Parameters) => string | undefined }
    | { on: "traffic"; check: (traffic: Traffic, parameters: Parameters, around: Surroundings) => string | undefined }
  );

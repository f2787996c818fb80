import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime";
import { BlueGreen, type BlueGreenArgs } from "../../components/blueGreen";
import { plan } from "../../plan/plan";
import { NO_ASSETS } from "../../settings/assets";
import { settingsOf } from "../../settings/settings";

const made: MockResourceArgs[] = [];

/** What is given besides a config. */
interface Besides extends Partial<BlueGreenArgs> {
  /** What Docker says of every image. */
  image?: object;
}

/** Everything that the component declares for a config. */
export async function declared(
  config: Record<string, unknown>,
  { image = {}, ...more }: Besides = {},
  secret = ["app"],
): Promise<MockResourceArgs[]> {
  made.length = 0;
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => (
        made.push(args),
        {
          id: `${args.name}-id`,
          state: { name: `${args.name}-0a1b2c3`, imageId: "sha256:1", ...image, ...(args.inputs as object) },
        }
      ),
      call: () => ({}),
    },
    "blue-green",
    "unit",
  );
  const settings = settingsOf(
    { activeColor: "green", image: "shop", blue: { tag: "v2", scale: 1 }, green: { tag: "v1", scale: 2 }, ...config },
    new Set(secret),
    NO_ASSETS,
    { project: "blue-green", name: "shop" },
  );
  assert.ok(!("faults" in settings));
  const web = new BlueGreen("web", { ...plan(settings), ...more });
  await new Promise((resolve) => web.share.apply(resolve));
  return [...made];
}

/** Those whose type ends so. */
export const of = (all: MockResourceArgs[], type: string) => all.filter((one) => one.type.endsWith(type));

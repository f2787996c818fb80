import assert from "node:assert/strict";
import { unpinnedImage } from "../../policy/rules";

describe("the rule of pinned images", () => {
  for (const image of [
    "shop:v1",
    "registry.example.com:5000/shop:1.2",
    `shop@sha256:${"a".repeat(64)}`,
    `shop:latest@sha256:${"a".repeat(64)}`,
  ])
    it(`accepts ${image.slice(0, 40)}`, () => assert.equal(unpinnedImage(image), undefined));
  for (const image of ["shop", "registry.example.com:5000/shop", "shop:latest"])
    it(`refuses ${image} and names it`, () => assert.ok(unpinnedImage(image)?.includes(image)));
});

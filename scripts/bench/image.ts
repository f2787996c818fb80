import type { Recipe } from "../image/recipes";
import { BENCH_IMAGE } from "./lab";

/** The image with load, replicas and peers, made as the product's are; only the bench needs it. */
export const benchRecipe: Recipe = {
  folder: "bench",
  base: {
    official: "debian:trixie-slim",
    packages: ["wrk", "nginx-light", "caddy", "ca-certificates", "dash", "coreutils"],
  },
  images: [{ name: BENCH_IMAGE, args: {} }],
};

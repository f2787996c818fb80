import type { Life } from "./script";

/** Lives that found a fault once, cut down to the steps that it took. */
export const FOUND: Life[] = [];

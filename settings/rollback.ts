/**
 * The percentage of a color's replicas that must be healthy for the way back, unless config says otherwise. Envoy
 * draws the line there, too: below 50 % healthy hosts it no longer trusts its own checks (its panic threshold).
 */
export const ROLLBACK_HEALTHY = 50;

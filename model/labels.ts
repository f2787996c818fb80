// The labels of containers: another name would make what an earlier version made a stranger's.

/** On each replica: its color. */
export const COLOR_LABEL = "bluegreen.color";
/** On each container: the stack that it belongs to. */
export const STACK_LABEL = "bluegreen.stack";
/** On each proxy: the name of its load balancer's configuration volume. */
export const LOAD_BALANCER_LABEL = "bluegreen.load-balancer";

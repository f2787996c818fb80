// The labels of containers: another name would make what an earlier version made a stranger's.

/** On each replica, and on each worker: its color. */
export const COLOR_LABEL = "bluegreen.color";
/** On each container: the stack that it belongs to. */
export const STACK_LABEL = "bluegreen.stack";
/** On each proxy, and on each of the application's workers: the name of the load balancer's configuration volume. */
export const LOAD_BALANCER_LABEL = "bluegreen.load-balancer";
/** On each of the application's workers, beside its color and the load balancer whose traffic it follows: its name in config. */
export const WORKER_LABEL = "bluegreen.worker";
/** On a container of the release command: the name of the load balancer's configuration volume. */
export const RELEASE_LABEL = "bluegreen.release";
/** On each task of a swarm's service: how HAProxy finds and checks it. */
export const APPLICATION_LABEL = "bluegreen.application";

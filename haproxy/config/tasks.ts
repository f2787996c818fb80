/**
 * Replicas that are tasks of a Swarm service. A service has one DNS name, which stands in a slot for each of its tasks, and HAProxy gives
 * each such slot the address of another task. So a replica's name, `<service>.<number>`, is that of its slot, and DNS is asked for the
 * service's.
 *
 * The number can't be told from the slots' order: a service that has its one task in the second slot gets the first one, too, when it
 * grows, and the name of the one that serves must stay. So it stands beside the slot, in the file as in the map of replicas.
 */
const TASK = /^(.+)\.(\d+)$/;

/** The DNS name under which a task is found; a name that is no task's is its own. */
export const serviceOf = (replica: string): string => TASK.exec(replica)?.[1] ?? replica;

/** Under which name DNS is asked for a replica. @param swarm whether replicas are tasks */
export const dnsName = (replica: string, swarm = false): string => (swarm ? serviceOf(replica) : replica);

/** A task's number; none of a name that is no task's. */
export const numberOf = (replica: string): string | undefined => TASK.exec(replica)?.[2];

/** The name of a service's task. */
export const taskOf = (service: string, number: number | string): string => `${service}.${number}`;

/** A slot, as a worker has it. */
interface SeenSlot {
  /** The service in it; none where it is free. */
  service?: string | undefined;
  /** What is called its replica. After a reload that may be what the file says of another worker. */
  called?: string | undefined;
}

/**
 * What the replicas in one color's slots are called. One that is called by no name of its service, or by that of a slot before it, gets the
 * lowest number of its service that is left.
 */
export function taskNames(slots: readonly SeenSlot[]): (string | undefined)[] {
  const taken = new Set<string>();
  const told = slots.map(({ service, called }) => {
    if (called === undefined || numberOf(called) === undefined || serviceOf(called) !== service) return undefined;
    if (taken.has(called)) return undefined;
    taken.add(called);
    return called;
  });
  const last = new Map<string, number>();
  return slots.map(({ service }, index) => {
    if (service === undefined || told[index] !== undefined) return told[index];
    let number = (last.get(service) ?? 0) + 1;
    while (taken.has(taskOf(service, number))) number++;
    last.set(service, number);
    return taskOf(service, number);
  });
}

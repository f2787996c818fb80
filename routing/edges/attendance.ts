import { Lost, NotTaken, Overtaken, type Balancer } from "../executor/balancer";
import { Interrupted } from "../executor/wait";
import { edgeText, sayings, type Edge } from "./edge";

/** An edge on which something failed. */
interface Fault {
  edge: Edge;
  error: Error;
}

/** An edge, and what it answered. */
interface Answer<T> {
  edge: Edge;
  answer: T;
}

const told = (faults: readonly Fault[]) => sayings(faults.map(({ edge, error }) => ({ edge, what: error.message })));

/** What is no fault of an edge: it ends everything. */
const endsAll = (error: unknown) => error instanceof Overtaken || error instanceof Interrupted;

/** Does something on each, side by side. @throws Overtaken or Interrupted, when all have ended, if one did */
async function onEach<T>(edges: readonly Edge[], action: (edge: Edge) => Promise<T>) {
  const answers: Answer<T>[] = [];
  const faults: Fault[] = [];
  const ended = await Promise.allSettled(edges.map(async (edge) => action(edge)));
  for (const [index, one] of ended.entries()) {
    const edge = edges[index]!;
    if (one.status === "fulfilled") answers.push({ edge, answer: one.value });
    else faults.push({ edge, error: one.reason as Error });
  }
  const end = faults.find(({ error }) => endsAll(error));
  if (end) throw end.error;
  return { answers, faults };
}

/**
 * Which of several edges can be asked. Until a turn is taken each of them may come and go. From then on those that take part are fixed:
 * one that comes is left alone, and one that is lost is told once, by an error, and the others go on without it.
 */
export class Attendance {
  private readonly away = new Map<Edge, string>();
  private taking: readonly Edge[] | undefined;

  constructor(private readonly edges: readonly Edge[]) {}

  /** Those that take part, or may. */
  get present(): readonly Edge[] {
    return this.taking ?? this.edges.filter((edge) => !this.away.has(edge));
  }

  /** Whether those that take part are fixed. */
  get hasBegun(): boolean {
    return this.taking !== undefined;
  }

  /** Why an edge takes no part, in words; nothing if it does. */
  awayText(edge: Edge): string | undefined {
    const why = this.away.get(edge);
    return why === undefined ? undefined : `${edgeText(edge)} is away: ${why}`;
  }

  /** Why those take no part that don't. */
  allAway(): string {
    return sayings([...this.away].map(([edge, what]) => ({ edge, what })));
  }

  /** Leaves an edge out. */
  leaveOut(edge: Edge, why: string): void {
    this.away.set(edge, why);
  }

  /** From now on those that are present take part, and no others. */
  begin(): void {
    this.taking = this.present;
  }

  /**
   * Asks edges something that may be asked twice.
   *
   * @param edges before a turn, all: also those that were away
   * @throws NotTaken before a turn, if none answers
   * @throws Lost after that, if one does not
   */
  async ask<T>(question: (edge: Edge) => Promise<T>, edges = this.taking ?? this.edges): Promise<Answer<T>[]> {
    const { answers, faults } = await onEach(edges, question);
    if (!this.taking) {
      for (const { edge } of answers) this.away.delete(edge);
      for (const { edge, error } of faults) this.away.set(edge, error.message);
      if (answers.length === 0) throw new NotTaken(`no edge can be asked: ${told(faults)}`);
      return answers;
    }
    if (faults.length === 0) return answers;
    const again = await onEach(
      faults.map(({ edge }) => edge),
      question,
    );
    if (again.faults.length > 0) throw this.lose(again.faults);
    return [...answers, ...again.answers];
  }

  /** Does something on edges, by default on all that take part. @throws Lost or Error that names the edges, if it fails on one */
  async act(action: (edge: Edge) => Promise<void>, edges = this.present): Promise<void> {
    const { faults } = await onEach(edges, action);
    if (faults.length > 0) throw await this.faultOf(faults);
  }

  /** Does something on one. */
  async actOn<T>(edge: Edge, action: (balancer: Balancer) => Promise<T>): Promise<T> {
    const { answers, faults } = await onEach([edge], () => action(edge.balancer));
    if (faults.length > 0) throw await this.faultOf(faults);
    return answers[0]!.answer;
  }

  /** An edge on which something failed is lost only if it can't be looked at either. */
  private async faultOf(faults: readonly Fault[]): Promise<Error> {
    if (!this.taking) return new Error(told(faults));
    const edges = faults.map(({ edge }) => edge);
    const looked = await onEach(edges, (edge) => edge.balancer.observe());
    const gone = new Set(looked.faults.map(({ edge }) => edge));
    const lost = faults.filter(({ edge }) => gone.has(edge));
    return lost.length > 0 ? this.lose(lost) : new Error(told(faults));
  }

  private lose(faults: readonly Fault[]): Error {
    const gone = faults.map(({ edge }) => edge);
    const rest = this.present.filter((edge) => !gone.includes(edge));
    if (rest.length === 0) return new Error(told(faults));
    this.taking = rest;
    for (const { edge, error } of faults) this.away.set(edge, error.message);
    return new Lost(
      sayings(
        faults.map(({ edge, error }) => ({
          edge,
          what: `lost in the middle (${error.message}), so that nobody knows what it serves now`,
        })),
      ),
    );
  }
}

import { createHash } from "node:crypto";
import type Docker from "dockerode";
import { COLORS, type Color } from "../model/color";
import { RELEASE_LABEL, STACK_LABEL } from "../model/labels";
import { privilegesOf } from "../plan/normalize";
import { inOrder, runsOnce, versionFor, type ReleaseContainer, type ReleaseInputs } from "../plan/release";
import { UNKNOWN } from "./wire";

/** How many runs a state remembers. */
const REMEMBERED = 100;
const MEGABYTE = 2 ** 20;

/** What the state of the resource `Release` holds. */
export interface ReleaseState extends ReleaseInputs {
  /** The keys of what the command has run for, the newest last. */
  done: string[];
}

/** The label with a run's key, so that one which a killed process left can be told. */
export const RUN_LABEL = `${RELEASE_LABEL}.run`;

/** A run of the command that is due. */
export interface DueRun {
  /** Names the image, the environment and the command: it never runs twice for the same. */
  key: string;
  /** For whose replicas. */
  colors: Color[];
  container: ReleaseContainer;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Names what a run is for. An image whose id is not known yet goes by its name. */
export const runKey = ({ command, again = "" }: ReleaseInputs, { image, version, envs }: ReleaseContainer): string =>
  sha256(JSON.stringify([image === UNKNOWN ? version : image, command, envs, again]));

/** The runs that are due, in their order. */
export function dueRuns(inputs: ReleaseInputs, done: readonly string[] = []): DueRun[] {
  const due = new Map<string, DueRun>();
  for (const color of inOrder(inputs.first)) {
    const container = inputs.colors[color];
    if (!container) continue;
    const key = runKey(inputs, container);
    if (done.includes(key)) continue;
    const colors = [...(due.get(key)?.colors ?? []), color];
    due.set(key, { key, container, ...due.get(key), colors: COLORS.filter((one) => colors.includes(one)) });
  }
  return [...due.values()];
}

/** What has been run for after one more. */
export const withDone = (done: readonly string[], key: string): string[] =>
  [...done.filter((one) => one !== key), key].slice(-REMEMBERED);

/** `shop:v5 for blue` */
export const whereOf = ({ colors, container }: DueRun): string => versionFor(container.version, colors);

/** What an update is about to run, in a line. @param mayBeDone whether an image that is not known yet may be one of before */
export const announced = (inputs: ReleaseInputs, run: DueRun, mayBeDone: boolean): string =>
  `runs ${runsOnce(inputs, run.container.version, run.colors, !mayBeDone || run.container.image !== UNKNOWN)}`;

/** The name of a run's container: the same for the same run of the same stack. */
export const runName = ({ loadBalancer }: ReleaseInputs, key: string): string =>
  `release-${sha256(`${loadBalancer} ${key}`).slice(0, 16)}`;

/** A run's container as Docker's API takes it: all that a replica has, but for the command. */
export function runOptions(inputs: ReleaseInputs, { key, container }: DueRun): Docker.ContainerCreateOptions {
  const { image, envs, entrypoint, user, networks, binds, memory, cpus, readOnly, openFiles } = container;
  return {
    ...{ Image: image, Cmd: inputs.command, Env: envs, StopTimeout: container.stopTimeout },
    ...(entrypoint && { Entrypoint: entrypoint }),
    ...(user && { User: user }),
    Labels: { [STACK_LABEL]: inputs.stack, [RELEASE_LABEL]: inputs.loadBalancer, [RUN_LABEL]: key },
    HostConfig: {
      NetworkMode: networks[0]!,
      Binds: binds,
      ...{ Memory: memory * MEGABYTE, MemorySwap: memory * MEGABYTE, ReadonlyRootfs: readOnly },
      ...(cpus && { NanoCpus: Math.round(Number(cpus) * 1e9) }),
      SecurityOpt: privilegesOf(container.noNewPrivileges),
      ...{ CapDrop: container.capDrop, Ulimits: [{ Name: "nofile", Soft: openFiles, Hard: openFiles }] },
      LogConfig: { Type: "json-file", Config: container.log },
    },
  };
}

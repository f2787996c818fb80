import { activeColorOf, type Share } from "./share";

/**
 * The update or rollback that changes a load balancer, or did so last. It stands in a file beside the configuration: whoever finds another's
 * id there has been overtaken, and stops. So the newest of two wins, and a way back never waits for an update.
 */
export interface Turn {
  /** Made up anew for each. */
  id: string;
  /** A rollback moves the traffic first and brings Pulumi's state after it. */
  kind: "update" | "rollback";
  /** The share that it is to bring. */
  share: Share;
  /** When that was asked for, as ISO 8601. */
  since: string;
}

/** A turn as its file has it: one line, its id first. */
export const turnText = ({ id, kind, share, since }: Turn): string => `${id} ${kind} ${share} ${since}\n`;

/** The turn that a file tells; none where the file is missing or says something else. */
export function turnOf(text: string): Turn | undefined {
  const [id = "", kind, share = "", since = ""] = text.trim().split(" ");
  if ((kind !== "update" && kind !== "rollback") || !/^\d+$/.test(share)) return undefined;
  return { id, kind, share: Number(share), since };
}

/**
 * The rollback that Pulumi's state does not know of: one that was cut off, or is under way.
 *
 * @param known the share in Pulumi's state
 */
export const unfinished = (turn: Turn | undefined, known: Share): Turn | undefined =>
  turn?.kind === "rollback" && turn.share !== known ? turn : undefined;

/** A time as a person reads it. */
export const timeText = (iso: string) => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

/** A rollback in words. */
export const rollbackOf = ({ share, since }: Turn) => `the rollback to ${activeColorOf(share)} of ${timeText(since)}`;

/** Why an update must not give the traffic to another color than an unfinished rollback did. */
export function refusalOf(turn: Turn, wanted: Share): string {
  const to = activeColorOf(turn.share);
  return (
    `${rollbackOf(turn)} was not finished, and this update would give production to ${activeColorOf(wanted)} again; ` +
    `nothing was changed. To finish it:\n    npm run rollback\n` +
    `or, if the config is to say so first:\n    pulumi config set activeColor ${to} && pulumi up\n` +
    `After that the traffic can be moved as always.`
  );
}

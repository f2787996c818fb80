import { DaemonError, faultOf } from "../image/daemon";
import { SetupError } from "../common/step";

interface Fault extends Error {
  /** Docker's status, if it answered. */
  statusCode?: number;
  /** The system's or Node's name of what happened to the connection. */
  code?: string;
  address?: string;
}

const BROKEN =
  /^(?:E(?:CONN(?:RESET|REFUSED|ABORTED)|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|AI_AGAIN)|ENOTFOUND|ENOENT|HPE_|ERR_STREAM_PREMATURE_CLOSE)/;

/** Whether Docker, or the connection to it, gave this error: then it is no fault of this program. */
export function isDockerFault(error: unknown): boolean {
  const { statusCode, message } = error as Fault;
  return error instanceof DaemonError || typeof statusCode === "number" || isBroken(error as Fault) || isOurs(message);
}

/**
 * An error that Docker gave, as a sentence with what to do.
 *
 * @param doing what could not be done, such as "bluegreen-proxy:1 can't be built"
 */
export function dockerFault(doing: string, error: unknown): SetupError {
  const told = faultOf(error) || (error as Fault).code || "it gave no reason";
  return new SetupError(`${doing}: ${told}\n${advice(error as Fault, told)}`, { cause: error });
}

/** Does something with Docker. Docker's errors become a SetupError that begins with `doing`. */
export async function withDocker<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof SetupError || !isDockerFault(error) ? error : dockerFault(doing, error);
  }
}

/** What this project's connection to Docker says in a sentence of its own. */
const isOurs = (message = "") => /^Docker does not answer at /.test(message);

function isBroken({ code, message, ...rest }: Fault): boolean {
  // A file that is missing has the same code as a socket, but no address.
  if (code === "ENOENT") return rest.address !== undefined;
  return BROKEN.test(code ?? "") || /^(?:socket hang up|aborted|Premature close)$/.test(message);
}

function advice(fault: Fault, told: string): string {
  if (/no space left on device|disk quota exceeded/i.test(told))
    return "The disk on which Docker keeps its data is full: see what takes it (docker system df), free some of it (docker image prune), and run this again.";
  if (isOurs(told)) return "Run this again when it does.";
  if (isBroken(fault))
    return "The connection to Docker broke off: see whether Docker runs (docker version), and run this again.";
  if (fault.statusCode === 401 || fault.statusCode === 403)
    return "Docker refuses it: let its administrator allow it, or name another Docker with DOCKER_HOST.";
  if (fault.statusCode === 409) return "Something else is changing the same thing at this moment: run this again.";
  return "These are Docker's own words. Its log may say more (journalctl -u docker, or /var/log/dockerd.log); run this again when it is mended.";
}

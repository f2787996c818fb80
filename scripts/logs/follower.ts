import type Docker from "dockerode";
import type { RoutingInputs } from "../../plan/routing";
import { FileTails } from "./files";
import { Logs } from "./output";

/** What follows the proxies' requests, in their files or in their output: wherever these settings have them logged. */
export const followerOf = (
  docker: Docker,
  { log }: Pick<RoutingInputs["settings"], "log">,
  heard: (line: string) => void,
): FileTails | Logs => (log === "files" ? new FileTails(docker, heard) : new Logs(docker, heard));

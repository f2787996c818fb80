/** The daemon of this machine, as the Docker provider finds it. */
export const LOCAL_DOCKER =
  process.platform === "win32" ? "npipe:////./pipe/docker_engine" : "unix:///var/run/docker.sock";

import { readFileSync } from "node:fs";
import type Docker from "dockerode";
import { BENCH_IMAGE, type Lab } from "./lab";
import { bareConfig } from "./ours";
import type { Subject } from "./subject";

type Color = "blue" | "green";

const HOME = ["HOME=/tmp", "XDG_DATA_HOME=/tmp", "XDG_CONFIG_HOME=/tmp", "XDG_RUNTIME_DIR=/tmp"];

async function subject(
  lab: Lab,
  name: string,
  container: Docker.Container,
  rest: Pick<Subject, "switchTo" | "way">,
): Promise<Subject> {
  const all = [container];
  return { name, url: `http://${await lab.addressOf(container)}:80/`, containers: all, all, ...rest };
}

/** Writes a file of a container anew, from a command in it. */
const write = (path: string, text: string, then: string) => [
  "sh",
  "-c",
  `printf '%s' "$1" > ${path}; ${then}`,
  "sh",
  text,
];

/** HAProxy with another file, by a reload: no check of the new replicas, no command that waits. */
export async function haproxyReload(lab: Lab): Promise<Subject> {
  const config = (color: Color) => bareConfig(lab.replicas(color), "bind :80");
  const file = "/tmp/haproxy.cfg";
  const container = await lab.run("haproxy-reload", {
    ...{ image: "bluegreen-proxy:1", user: "1002:1002", files: { [file]: config("green") } },
    ...{ entrypoint: ["haproxy"], command: ["-W", "-f", file] },
  });
  return subject(lab, "HAProxy, reload", container, {
    way: "another file and SIGUSR2",
    switchTo: async (color) => void (await lab.inside(container, ...write(file, config(color), "kill -USR2 1"))),
  });
}

const nginxConfig = (servers: readonly string[], log: string) => `worker_processes auto; worker_rlimit_nofile 20000;
daemon off; pid /tmp/pid;
events { worker_connections 8192; }
http {
  access_log ${log}; client_body_temp_path /tmp/body; keepalive_requests 100000;
  proxy_temp_path /tmp/1; fastcgi_temp_path /tmp/2; uwsgi_temp_path /tmp/3; scgi_temp_path /tmp/4;
  upstream web { least_conn; keepalive 64; ${servers.map((server) => `server ${server}:80;`).join(" ")} }
  server {
    listen 80;
    location / {
      proxy_pass http://web; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
}`;

/** nginx as a reverse proxy. @param log where its access log goes: a file, or off */
export async function nginx(lab: Lab, name: string, log: string): Promise<Subject> {
  const [file, config] = ["/tmp/nginx.conf", (color: Color) => nginxConfig(lab.replicas(color), log)];
  const container = await lab.run(name.replaceAll(/\W+/g, "-"), {
    ...{ image: BENCH_IMAGE, user: "1002:1002", files: { [file]: config("green") } },
    command: ["nginx", "-e", "/dev/null", "-c", file],
  });
  const reload = `exec nginx -e /dev/null -c ${file} -s reload`;
  return subject(lab, name, container, {
    way: "another file and `nginx -s reload`",
    switchTo: async (color) => void (await lab.inside(container, ...write(file, config(color), reload))),
  });
}

const caddyfile = (servers: readonly string[]) => `{
  auto_https off
}
:80 {
  reverse_proxy ${servers.map((server) => `${server}:80`).join(" ")} {
    lb_policy least_conn
  }
}
`;

/** Caddy as a reverse proxy; without an access log, which it has not by default. */
export async function caddy(lab: Lab): Promise<Subject> {
  const [file, config] = ["/tmp/Caddyfile", (color: Color) => caddyfile(lab.replicas(color))];
  const container = await lab.run("caddy", {
    ...{ image: BENCH_IMAGE, user: "1002:1002", env: HOME, files: { [file]: config("green") } },
    command: ["caddy", "run", "--config", file, "--adapter", "caddyfile"],
  });
  const reload = `exec caddy reload --config ${file} --adapter caddyfile`;
  return subject(lab, "Caddy", container, {
    way: "another file and `caddy reload`",
    switchTo: async (color) => void (await lab.inside(container, ...write(file, config(color), reload))),
  });
}

/** kamal-proxy, whose program the user brings. @param program its path on this machine */
export async function kamalProxy(lab: Lab, program: string): Promise<Subject> {
  const container = await lab.run("kamal-proxy", {
    ...{ image: BENCH_IMAGE, user: "1002:1002", env: HOME, command: ["/tmp/kamal-proxy", "run"] },
    files: { "/tmp/kamal-proxy": readFileSync(program) },
  });
  const deploy = async (color: Color) => {
    const targets = lab.replicas(color).map((name) => `--target=${name}:80`);
    await lab.inside(container, "/tmp/kamal-proxy", "deploy", "web", ...targets, "--health-check-path=/");
  };
  for (let tries = 1; ; tries++) {
    try {
      await deploy("green");
      break;
    } catch (error) {
      if (tries === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
  return subject(lab, "kamal-proxy", container, { way: "`kamal-proxy deploy`", switchTo: deploy });
}

import fc from "fast-check";
import { at } from "../../../settings/fault";
import { KEYS, valuesOf } from "./table";

/** A stack's config by top-level key, as the program gets it. */
export type Raw = Record<string, unknown>;

type Inner = Record<string, unknown>;

/** The keys whose values are all told as secrets: those of a login, and of a certificate. */
export const SECRET: ReadonlySet<string> = new Set(["registry", "app", "blue", "green", "tls"]);

/** A config that has little more than it must. */
export const small = (): Raw => ({
  activeColor: "green",
  image: "shop",
  blue: { tag: "v2", scale: 1 },
  green: { tag: "v1", scale: 3 },
});

/** The value of a key such as `app.health.path`. */
export const get = (raw: Raw, key: string): unknown => at(raw, key.split("."));

/** Sets a key; undefined takes it away. */
export function set(raw: Raw, key: string, value: unknown): void {
  const path = key.split(".");
  const last = path.pop()!;
  let here: Inner = raw;
  for (const part of path) here = (here[part] ??= {}) as Inner;
  if (value === undefined) delete here[last];
  else here[last] = value;
}

const PORTS = ["loadBalancer.port", "tls.port", "loadBalancer.stagingPort"];
const USUAL: Record<string, number> = { "loadBalancer.port": 80, "tls.port": 443, "loadBalancer.stagingPort": 8081 };

/** Gives every listener a port of its own; those of metrics are many and stay. */
function distinctPorts(raw: Raw): void {
  const first = Number(get(raw, "loadBalancer.metricsPort") ?? 8404);
  const taken = new Set(Array.from({ length: 8 }, (_, index) => first + index));
  for (const key of PORTS) {
    if (key === "tls.port" && raw["tls"] === undefined) continue;
    let port = Number(get(raw, key) ?? USUAL[key]);
    while (taken.has(port)) port = (port % 65_535) + 1;
    taken.add(port);
    if (port !== (get(raw, key) ?? USUAL[key])) set(raw, key, port);
  }
}

function both(raw: Raw, one: string, other: string, value: unknown): void {
  if (get(raw, one) !== undefined && get(raw, other) === undefined) set(raw, other, value);
}

/** Gives each place in a container one volume, and lets nothing be said of a volume that is not mounted. */
function mountedOnce(raw: Raw, kept?: string): void {
  const said = Object.keys(raw["volumes"] ?? {});
  const own = said.map((name, number) => `${name}:/said/${number}`);
  if (kept === "volumes") set(raw, "app.volumes", own);
  const mounted = new Set<string>();
  for (const key of ["app.volumes", "blue.volumes", "green.volumes"]) {
    const all = get(raw, key);
    if (!Array.isArray(all)) continue;
    const places = all.map((volume) => String(volume).split(":")[1]);
    const once = all.filter((_, index) => places.indexOf(places[index]) === index);
    if (once.length < all.length) set(raw, key, once);
    for (const volume of once) mounted.add(String(volume).split(":")[0]!);
  }
  const idle = said.filter((name) => !mounted.has(name));
  if (idle.length > 0)
    raw["volumes"] = Object.fromEntries(
      Object.entries(raw["volumes"] as object).filter(([name]) => !idle.includes(name)),
    );
}

/** Lets every entrypoint, or the command where there is none, begin with a program. */
function programsNamed(raw: Raw): void {
  const places = ["app", "blue", "green"];
  const unnamed = (key: string) => (get(raw, key) as string[] | undefined)?.[0] === "";
  const none = places.map((place) => `${place}.entrypoint`).filter(unnamed);
  for (const key of none) if ((get(raw, key) as string[]).length > 1) set(raw, key, ["/app", ""]);
  if (none.some(unnamed))
    for (const key of places.map((place) => `${place}.command`))
      if (key === "app.command" || get(raw, key) !== undefined)
        set(raw, key, ["/app", ...((get(raw, key) as string[] | undefined) ?? [])]);
}

const DIGEST = `@sha256:${"0f".repeat(32)}`;

/** Gives each tag a digest where that is asked for, or asks for none where a tag is to stay without. */
function pinned(raw: Raw, kept?: string): void {
  if (String(raw["requireDigest"]) !== "true") return;
  for (const key of ["blue.tag", "green.tag"]) {
    const tag = String(get(raw, key));
    if (tag.includes("@")) continue;
    if (key === kept) raw["requireDigest"] = false;
    else set(raw, key, tag + DIGEST);
  }
}

const ON_ONE_HOST = ["workers", "volumes", "app.volumes", "blue.volumes", "green.volumes"];
const HERE = /^[^/]/;

const ON_SEVERAL_HOSTS = ["app.secrets", "blue.secrets", "green.secrets"];

/** Keeps what goes on one host alone and several hosts apart. */
function oneOrSeveralHosts(raw: Raw, kept?: string): void {
  if (kept !== undefined && ON_SEVERAL_HOSTS.includes(kept)) raw["swarm"] ??= {};
  if (raw["swarm"] === undefined) {
    for (const place of ["app", "blue", "green"]) delete (raw[place] as Raw | undefined)?.["secrets"];
    return;
  }
  if (kept !== undefined && ON_ONE_HOST.includes(kept)) {
    delete raw["swarm"];
    return oneOrSeveralHosts(raw);
  }
  if (get(raw, "swarm.edges") === undefined)
    set(
      raw,
      "swarm.edges",
      Array.from({ length: Number(get(raw, "swarm.edgesNeeded") ?? 1) }, (_, number) => ({
        host: `ssh://edge${number}`,
      })),
    );
  const edges = get(raw, "swarm.edges") as unknown[];
  if (Number(get(raw, "swarm.edgesNeeded") ?? 1) > edges.length) set(raw, "swarm.edgesNeeded", edges.length);
  delete raw["workers"];
  delete raw["volumes"];
  for (const key of ["app.volumes", "blue.volumes", "green.volumes"]) {
    const all = get(raw, key) as unknown[] | undefined;
    if (all)
      set(
        raw,
        key,
        all.filter((one) => !HERE.test(String(one))),
      );
  }
}

/**
 * Makes the values of a config, each of which is right by itself, right together.
 *
 * @param kept a key whose value stays as it is
 */
export function consistent(raw: Raw, kept?: string): Raw {
  const blue = get(raw, kept === "weights.green" ? "weights.green" : "weights.blue");
  const [one, other] = kept === "weights.green" ? ["weights.green", "weights.blue"] : ["weights.blue", "weights.green"];
  if (raw["weights"] !== undefined) {
    set(raw, one, blue ?? 50);
    set(raw, other, 100 - Number(blue ?? 50));
  }
  for (const color of ["blue", "green"])
    if (Number(get(raw, `${color}.scale`)) === 0 && [color, "both"].includes(String(raw["activeColor"]))) {
      if (kept === `${color}.scale`) raw["activeColor"] = color === "blue" ? "green" : "blue";
      else set(raw, `${color}.scale`, 1);
    }
  for (const login of ["registry", "blue.registry", "green.registry"]) {
    both(raw, `${login}.user`, `${login}.password`, "hunter2");
    both(raw, `${login}.password`, `${login}.user`, "deploy");
  }
  if (raw["tls"] !== undefined && get(raw, "tls.certificates") === undefined) set(raw, "tls.selfSigned", true);
  if (String(get(raw, "loadBalancer.proxyProtocol")) === "true") {
    const trusted = get(raw, "loadBalancer.trustedProxies");
    if (!Array.isArray(trusted) || trusted.length === 0) set(raw, "loadBalancer.trustedProxies", ["10.0.0.0/8"]);
  }
  oneOrSeveralHosts(raw, kept);
  distinctPorts(raw);
  mountedOnce(raw, kept);
  programsNamed(raw);
  pinned(raw, kept);
  return raw;
}

/** A config with one key at one of its values. */
export function withKey(key: string, value: unknown): Raw {
  const raw = small();
  set(raw, key, value);
  if (key === "tls.selfSigned" && String(value) === "false") set(raw, "tls.certificates", [PAIR]);
  return consistent(raw, key);
}

const PAIR = { certificate: "a.pem", key: "a.key" };

const REQUIRED = ["activeColor", "image", "blue.tag", "blue.scale", "green.tag", "green.scale"];

/** Any config at all: every key is there or not, with any of its values. */
export const anyConfig: fc.Arbitrary<Raw> = fc
  .record(
    Object.fromEntries(
      KEYS.flatMap((key) => {
        const any = valuesOf(key)?.any;
        return any ? [[key, REQUIRED.includes(key) ? any : fc.option(any, { nil: undefined, freq: 2 })]] : [];
      }),
    ),
  )
  .map((values) => {
    const raw: Raw = {};
    for (const [key, value] of Object.entries(values)) if (value !== undefined) set(raw, key, value);
    return consistent(raw);
  });

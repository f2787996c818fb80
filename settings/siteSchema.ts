import { z } from "zod";
import { about, port, bool } from "./fields";
import { duration, flag, listOf, matching, value, withDefault } from "./values";

/** RFC 1035 2.3.4: a name has 253 characters at most as a text, and each of its labels 63. */
const HOST = /^(?=.{1,253}$)(?:\*\.)?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;
const DAY = 86_400_000;

/** A certificate and its key: each a file's path, or the PEM text itself. */
export interface CertificateConfig {
  certificate: string;
  key: string;
}

function certificates(raw: unknown): CertificateConfig[] | undefined {
  if (!Array.isArray(raw) || raw.length === 0) return undefined;
  const pairs = raw as Record<string, unknown>[];
  const whole = pairs.every((pair) => {
    const { certificate, key, ...rest } = pair ?? {};
    return typeof certificate === "string" && typeof key === "string" && Object.keys(rest).length === 0;
  });
  return whole ? (raw as CertificateConfig[]) : undefined;
}

/** By what names the site is known. */
export const hosts = value(
  {
    ...about(
      "The names that the site answers to; a request for any other gets 421.",
      "a list of names such as shop.example.com or *.example.com",
      "shop.example.com",
      "any name",
    ),
    below: "[0]",
  },
  listOf(matching(HOST)),
).default([]);

/** TLS, once there is a certificate. */
export const tls = z
  .strictObject({
    certificates: value(
      {
        ...about(
          "Certificates with their chain and key: paths of files, or PEM texts set with `--secret`.",
          "a list of maps, each with certificate and key",
          "shop.pem",
          "none",
        ),
        below: "[0].certificate",
        also: ["[0].key", "shop.key"],
      },
      certificates,
    ).optional(),
    selfSigned: withDefault(bool("Whether production makes a certificate for itself where none is given.", "false")),
    port: withDefault(port("The port of production by TLS.", "443")),
    redirect: withDefault(bool("Whether requests without TLS are redirected to TLS.", "true")),
    hsts: withDefault(
      value(
        about(
          "How long a browser must use nothing but TLS (HSTS); raise it to 730d once all is well.",
          "a length of time such as 1h or 730d, or false",
          "730d",
          "1d",
        ),
        (raw) => (flag(raw) === false ? 0 : duration(1_000, 3_650 * DAY)(raw)),
      ),
    ),
  })
  .optional();

const page = (when: string) =>
  value(
    about(`The HTML file that is shown ${when}.`, "the path of a file", "page.html", "built in"),
    matching(/./),
  ).optional();

/** What the load balancer answers by itself. */
export const pages = z
  .strictObject({ maintenance: page("during maintenance"), unavailable: page("while no replica can answer") })
  .prefault({});

export const maintenance = withDefault(
  bool("Whether production answers 503 with the maintenance page; staging and the preview go on.", "false"),
);

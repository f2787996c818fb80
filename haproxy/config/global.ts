import { CONFIG_FOLDER, FINGERPRINT_VARIABLE, STATE_FILE } from "./names";
import { logOptions, output } from "./log";
import { OLD_WORKERS, SMOKE_CONNECTIONS, STREAMS, processConnections } from "./sizing";
import type { HaproxyInputs } from "./settings";

/**
 * Mozilla's intermediate settings, version 5.7, without the three ciphers that would need a file of DH parameters.
 * Source: https://wiki.mozilla.org/Security/Server_Side_TLS
 */
const TLS = `
  ssl-default-bind-ciphers ${[
    ...["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"],
    ...["ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"],
  ].join(":")}
  ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256
  ssl-default-bind-curves X25519:prime256v1:secp384r1
  ssl-default-bind-options prefer-client-ciphers ssl-min-ver TLSv1.2 no-tls-tickets`;

/**
 * For how long a worker from before a reload may finish what it has, websockets above all: as long as any time that
 * can be configured (`drain.timeout`, `limits.tunnelTimeout`), so that none is cut short.
 */
const OLD_WORKER_LIFE = "1d";

/**
 * What holds for the whole process. A new proxy with fewer files than the file of before wants starts all the same
 * (`no strict-limits`), since it must be there to be given the new one.
 */
export const globalSection = ({ limits, tls, log, smoke }: HaproxyInputs, fingerprint: string) => `
global${output({ log })}
  stats socket /run/haproxy/worker.sock mode 600 level admin
  maxconn ${processConnections(limits) + (smoke ? SMOKE_CONNECTIONS : 0)}
  tune.h2.fe.max-concurrent-streams ${STREAMS}
  no strict-limits
  hard-stop-after ${OLD_WORKER_LIFE}
  mworker-max-reloads ${OLD_WORKERS}
  server-state-file ${STATE_FILE}
  setenv ${FINGERPRINT_VARIABLE} ${fingerprint}${tls ? TLS : ""}`;

// Docker's DNS lives in its daemon. While that is away the last addresses stay good, hence the long holds.
// The tasks of a service come and go under its name: one that is gone must not keep its slot, nor one that came wait for it. Docker repeats
// the name in each record and cuts an answer that is too long, and HAProxy takes none that was cut: for a name of 25 letters 8,192 bytes
// are about 200 tasks, and 65,535 about 1,600.
export const resolvers = ({ swarm }: HaproxyInputs) => `
resolvers docker
  nameserver dns 127.0.0.11:53
  accepted_payload_size ${swarm ? 65_535 : 8_192}
  resolve_retries 3
  timeout resolve ${swarm ? "500ms" : "1s"}
  timeout retry 500ms
  hold valid ${swarm ? "500ms\n  hold obsolete 0s" : "1s"}
  hold nx 3s
  hold refused 24h
  hold timeout 24h
  hold other 24h`;

const COMPRESSION = `
  compression algo gzip
  compression type text/html text/css text/plain text/javascript application/javascript application/json image/svg+xml`;

/** For a PROXY line and the handshake of TLS: two round trips. */
const HANDSHAKE_TIMEOUT = "5s";

// A request that was not sent may go to another replica; one that was sent may be repeated only if that is harmless.
export const defaults = ({ idleTimeout, limits, log, compression, pages }: HaproxyInputs) => `
defaults
  mode http${logOptions({ log })}
  option redispatch 1
  option idle-close-on-response
  option http-restrict-req-hdr-names reject
  retries 3
  retry-on conn-failure empty-response
  timeout connect 1s
  timeout client-hs ${HANDSHAKE_TIMEOUT}
  timeout client ${limits.visitorTimeout}ms
  timeout server ${limits.responseTimeout}ms
  timeout queue ${limits.queueTimeout}ms
  timeout tunnel ${limits.tunnelTimeout}ms
  timeout http-request ${limits.headerTimeout}ms
  timeout http-keep-alive ${idleTimeout}ms
  http-error status 503 content-type "text/html; charset=utf-8" file ${CONFIG_FOLDER}/${pages.unavailable} hdr Retry-After 10 hdr Cache-Control no-store
  load-server-state-from-file global${compression ? COMPRESSION : ""}`;

import { toColor } from "./color";
import { lines } from "./lines";
import { requestLog } from "./log";
import { SERVER_HEADER, SMOKE_SOCKET, STATE_HEADER } from "./names";
import { common } from "./request";
import { SMOKE_CONNECTIONS } from "./sizing";
import type { HaproxyInputs } from "./settings";

/** The sample that names the server which a smoke request is for. */
export const SMOKE_SERVER = "var(txn.server)";
/** Whether a request is one. */
export const SMOKE = `{ ${SMOKE_SERVER} -m found }`;

/** The client of a smoke request says who the visitor is, as a trusted proxy does. */
const BELIEVED = "{ always_true }";

/**
 * Where one replica is asked before it gets traffic. It sees a visitor's request. Who may visit, how often and by which color is
 * not asked, and nothing is repeated: what the replica does the first time is what is to be known.
 */
export const smokeFrontend = (inputs: HaproxyInputs): string =>
  [
    "\nfrontend smoke",
    requestLog(inputs, "var(txn.client)"),
    lines(`maxconn ${SMOKE_CONNECTIONS}`, `bind unix@${SMOKE_SOCKET} mode 600`),
    common(inputs, BELIEVED),
    lines(
      "http-request disable-l7-retry",
      `http-request set-var(txn.color) req.hdr(${SERVER_HEADER}),field(1,/)`,
      `http-request set-var(txn.server) req.hdr(${SERVER_HEADER}),field(2,/)`,
      `http-request return status 400 unless ${SMOKE}`,
      `http-request del-header ${SERVER_HEADER}`,
      `http-response set-header ${SERVER_HEADER} %[srv_name]`,
      `http-after-response set-header ${STATE_HEADER} %[txn.sess_term_state]`,
    ),
    toColor(inputs.site),
  ].join("");

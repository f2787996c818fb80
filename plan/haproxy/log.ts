import { NOBODY, REPLICAS_FILE } from "./names";

/** The fields of a line of the access log, as HAProxy's log format writes them. Times end in `Ms`; -1: it did not come to that. */
const FIELDS = [
  `%(time)[request_date(ms),ms_utime('%Y-%m-%dT%H:%M:%S.%NZ')]`,
  "%(id)[var(txn.id)]",
  "%(listener)f",
  "%(client)[var(txn.client)]",
  "%(peer)ci",
  "%(host)[var(txn.host)]",
  "%(method)HM",
  "%(path)[var(txn.path)]",
  "%(protocol)HV",
  "%(tls)sslv",
  "%(status:sint)ST",
  "%(color)[var(txn.color)]",
  `%(replica)[srv_name,map_str(${REPLICAS_FILE},${NOBODY})]`,
  "%(server)s",
  "%(headMs:sint)TR",
  "%(queueMs:sint)Tw",
  "%(connectMs:sint)Tc",
  "%(responseMs:sint)Tr",
  "%(totalMs:sint)Ta",
  "%(bytes:sint)B",
  "%(retries)rc",
  "%(state)tsc",
];

/** The access log: one JSON object on a line. The path stands there without its query, which may hold a secret. */
export const LOG_FORMAT = `"%{+json}o ${FIELDS.join(" ")}"`;

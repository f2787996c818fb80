import type { Provider } from "@pulumi/pulumi/provider";
import { routingProvider, stop, type ResourceProvider } from "./routingProvider";
import { releaseProvider } from "./releaseProvider";
import { selfSignedProvider } from "./selfSigned";

const OTHERS: Record<string, ResourceProvider> = {
  SelfSignedCertificate: selfSignedProvider,
  Release: releaseProvider,
};

const of = (urn: string): ResourceProvider => OTHERS[urn.split("::").at(-2)!.split(":").at(-1)!] ?? routingProvider;

/** The provider of all types of this plugin. */
export const provider: Provider = {
  version: "1.0.0",
  check: (urn, olds: object, news: object) => of(urn).check(urn, olds, news),
  diff: (id, urn, olds: object, news: object) => of(urn).diff(id, urn, olds, news),
  create: (urn, inputs: object) => of(urn).create(urn, inputs),
  update: (id, urn, olds: object, news: object) => of(urn).update(id, urn, olds, news),
  read: (id, urn, props: object) => of(urn).read(id, urn, props),
  delete: (id, urn, props: object) => of(urn).delete(id, urn, props),
  cancel: async () => stop.abort(),
};

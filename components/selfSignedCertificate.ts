import * as pulumi from "@pulumi/pulumi";

/** The names for which a certificate is made. */
export interface SelfSignedCertificateArgs {
  /** Names of hosts, `*.` before one for all below it. */
  hosts: pulumi.Input<pulumi.Input<string>[]>;
}

/** A certificate that no browser trusts, for a try of TLS. It is made once, and anew by the update that finds its last month begun. */
export class SelfSignedCertificate extends pulumi.CustomResource {
  /** The certificate and its key; a secret. */
  declare readonly pem: pulumi.Output<string>;

  constructor(name: string, args: SelfSignedCertificateArgs, opts?: pulumi.CustomResourceOptions) {
    const secret = { additionalSecretOutputs: ["pem"] };
    super(
      "bluegreen:index:SelfSignedCertificate",
      name,
      { ...args, pem: undefined },
      pulumi.mergeOptions(opts, secret),
    );
  }
}

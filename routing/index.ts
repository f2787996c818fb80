import * as pulumi from "@pulumi/pulumi";
import { main } from "@pulumi/pulumi/provider";
import { provider } from "./provider";

// The first argument is the engine's address: with it, `pulumi.log` reaches the row of the resource.
pulumi.runtime.resetOptions("", "", -1, process.argv[2] ?? "", "", false, "");
void main(provider, process.argv.slice(2));

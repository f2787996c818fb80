// Of Pulumi only the parts that a plugin needs: all of it takes several times as long to load, and each command starts this.
import { main } from "@pulumi/pulumi/provider";
import { resetOptions } from "@pulumi/pulumi/runtime/settings";
import { provider } from "./provider";

// The first argument is the engine's address: with it, a log line reaches the row of the resource.
resetOptions("", "", -1, process.argv[2] ?? "", "", false, "");
void main(provider, process.argv.slice(2));

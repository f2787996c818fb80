// What node loads before the program, and before its plugin.
require("./typescript.cjs");

// Pulumi prints traces by this package, which looks for a file's source map in the file that was written: here it is in
// what node is given instead.
require("source-map-support").install({ hookRequire: true });
process.setSourceMapsEnabled(false); // or node would read each map for itself, too, and a start takes 0.1 s more

// Pulumi also loads a compiler and npm's resolver of dependencies, half a second of each command, for functions that a
// program sends into a cloud. Here there are none: they wait until somebody uses them.
const UNUSED = ["typescript", "@npmcli/arborist"];
const Module = require("node:module");
const { _load: load } = Module;

Module._load = function (request, parent, isMain) {
  if (!UNUSED.includes(request)) return load.call(this, request, parent, isMain);
  let loaded;
  const used = (name) => (loaded ??= load.call(this, request, parent, isMain))[name];
  // As a module of ES it is taken as it is, and not copied name by name, which would be use.
  return new Proxy({}, { get: (_, name) => name === "__esModule" || used(name) });
};

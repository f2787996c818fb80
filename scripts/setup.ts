import { failed, runSteps, setupSteps } from "./common/steps";

// Docker, Pulumi and the images, and no stack: what a continuous integration needs before its own `pulumi up`.
runSteps(setupSteps).catch(failed);

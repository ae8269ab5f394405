/** `rmbench/contract`: the checks that every reward model has to pass, for the tests of a plug-in. */
export { checkContract, probes, type Check } from "./models/contract.ts";

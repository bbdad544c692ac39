// Lets node's test runner import the TypeScript of the islands: esbuild strips the types.
import { register } from "node:module";

register("./typescript-hook.mjs", import.meta.url);

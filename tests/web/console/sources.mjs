// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The pages' sources and their compiler: tests/web/check names the folders.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** netboot/web. */
export const source = join(process.env.RESCUE_SOURCE ?? "", "netboot/web");
/** Where CMake has built the pages: sources and packages side by side. */
const built = join(process.env.RESCUE_BUILD ?? "", "netboot/web/work");
const work = existsSync(join(built, "node_modules")) ? built : source;

/** Loads a module of the pages as Vite's own compiler builds it. */
export async function compiled(path) {
  const { build } = createRequire(createRequire(join(work, "package.json")).resolve("vite"))("esbuild");
  const options = { bundle: true, format: "esm", target: "es2022", write: false };
  const { outputFiles } = await build({ entryPoints: [join(work, path)], ...options });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

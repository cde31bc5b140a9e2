// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Builds the pages into a folder that netbootd serves: `npm run build -- --outDir FOLDER`.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defineConfig } from "vite";

const names = "[name]-[hash].js";

/** Writes NAME.gz beside each file that is smaller so: netbootd compresses nothing itself. */
function compressed() {
  return {
    name: "compressed",
    apply: "build",
    writeBundle({ dir }) {
      for (const name of readdirSync(dir)) {
        if (!/\.(js|css|wasm)$/.test(name)) continue;
        const content = readFileSync(join(dir, name));
        const smaller = gzipSync(content, { level: 9 });
        if (smaller.length < content.length) writeFileSync(join(dir, `${name}.gz`), smaller);
      }
    },
  };
}

export default defineConfig({
  base: "/web/",
  plugins: [compressed()],
  worker: {
    format: "es",
    rollupOptions: { output: { entryFileNames: names, chunkFileNames: names } },
  },
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // the content security policy allows no data: URLs
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { secret: "src/secret/main.ts", console: "src/console/main.ts" },
      output: {
        entryFileNames: names,
        chunkFileNames: names,
        assetFileNames: "[name]-[hash][extname]",
      },
    },
    manifest: "manifest.json",
  },
});

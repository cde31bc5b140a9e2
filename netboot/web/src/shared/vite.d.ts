// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// What Vite adds to imports.
declare module "*.css" {}
declare module "*.svg?url" {
  const url: string;
  export default url;
}

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Confines the program that speaks SSH with a stranger: to the descriptors that it has.

namespace rescue::files {

/// Becomes the user nobody without capabilities, dies with its parent, starts no thread and no child, opens no file,
/// and makes no connection: irrevocably. Throws `io` if the kernel refuses. Call it before the first byte of the client
/// is read.
void confine_to_descriptors();

}  // namespace rescue::files

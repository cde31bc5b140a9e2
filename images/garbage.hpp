// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Removes images that no catalogue names, and files of images that no manifest names; on a web server and on a host.

#include "core/clock.hpp"
#include "core/words.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rescue::images {

/// `waits`: until it was unnamed for the period of grace. `in_use`: locked by a builder, or opened by QEMU.
enum class GarbageState { removed, removable, waits, in_use };
constexpr auto words_of(GarbageState) { return words<GarbageState>("removed", "removable", "waits", "in-use"); }

struct GarbageRequest {
  std::string folder;             ///< with catalogue.json, or with the manifest.json of one image
  std::chrono::seconds grace{0};  ///< hosts may still read an image that a catalogue no longer names
  bool dry_run = false;           ///< report `removable`, change nothing
  WallTime now;
};

struct Garbage {
  std::string path;         ///< below the folder; an image's folder, or a file
  std::uint64_t bytes = 0;  ///< sum of the sizes of its files
  WallTime unnamed_since;
  GarbageState state = GarbageState::removable;
};

/// Collects garbage. Keeps in `.gc.json` since when each item is unnamed; a catalogue or manifest that was published
/// since the last collection may have named it, and starts its time anew. Removes files of images only: of an unnamed
/// folder if its manifest is that of an image. Keeps what another catalogue below the folder is for. Never follows a
/// link, and takes as named what a named path or a link in the folder resolves to. A folder that is named without a
/// manifest in it is kept. Reads the names again before each removal. Throws `precondition` if the folder is no folder
/// of images, `config_invalid` if its catalogue or a named manifest can't be read (nothing is removed then), `conflict`
/// if another collection runs.
[[nodiscard]] std::vector<Garbage> collect_garbage(const GarbageRequest& request);

}  // namespace rescue::images

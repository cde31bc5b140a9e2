// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whole files, read and written so that a crash leaves either the old content or the new.

#include "core/secret.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace rescue {

/// Throws `io` with the path. Refuses files over 16 MiB: configuration, not data.
[[nodiscard]] std::string read_file(const std::string& path);

/// As `read_file`, none when the file does not exist.
[[nodiscard]] std::optional<std::string> read_file_if_exists(const std::string& path);

/// The first line of a file that holds a token or key. Throws `denied` when others may read the file.
[[nodiscard]] Secret read_secret_file(const std::string& path);

/// Temporary file in the same folder, fsync, rename, fsync of the folder. Throws `io`.
void write_file_atomically(const std::string& path, std::string_view content, mode_t mode);

/// Removes the file and syncs its folder, so that a removal too outlives a power cut. Nothing to remove is no error.
void remove_file_durably(const std::string& path);

/// As `make_folder`, and the folder is `uid`:`gid`'s and has `mode`, whatever it was. Refuses a symbolic link in its
/// place: who may write beside it must not choose what is given away.
void make_folder_of(const std::string& path, mode_t mode, uid_t uid, gid_t gid);

/// Creates the folder and its parents with `mode` where they don't exist.
void make_folder(const std::string& path, mode_t mode);

}  // namespace rescue

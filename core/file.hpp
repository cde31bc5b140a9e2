// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads and writes whole files; a crash leaves either the old content or the new.

#include "core/secret.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace rescue {

/// Reads a file. Throws `io` with the path. Refuses files over 16 MiB: configuration, not data.
[[nodiscard]] std::string read_file(const std::string& path);

/// Like `read_file`; none if the file does not exist.
[[nodiscard]] std::optional<std::string> read_file_if_exists(const std::string& path);

/// Reads the first line of a file that holds a token or key. Throws `denied` if others may read the file.
[[nodiscard]] Secret read_secret_file(const std::string& path);

/// Writes a temporary file in the same folder, syncs it, renames it and syncs the folder. Throws `io`.
void write_file_atomically(const std::string& path, std::string_view content, mode_t mode);

/// Removes the file and syncs its folder, so that the removal survives a power cut. Does nothing if it does not exist.
void remove_file_durably(const std::string& path);

/// Like `make_folder`, and sets owner `uid`:`gid` and `mode` even if the folder exists. Refuses a symbolic link in its
/// place: a user who may write beside it must not choose what changes its owner.
void make_folder_of(const std::string& path, mode_t mode, uid_t uid, gid_t gid);

/// Creates the folder and its parents with `mode` if they don't exist.
void make_folder(const std::string& path, mode_t mode);

}  // namespace rescue

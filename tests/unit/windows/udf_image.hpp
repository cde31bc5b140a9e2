// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Makes a file on the UDF side of an ISO image larger than 4 GiB, without writing its content: no tool writes sparse
// images.

#include <cstdint>
#include <string>
#include <string_view>

namespace rescue::tests {

/// Sets the size of the only file that has `old_size` bytes: changes its file entry (ECMA-167 4/14.9) and the partition
/// descriptor (3/10.5), and writes `end` as its last bytes. What is between is a hole.
void grow_udf_file(const std::string& image, std::uint64_t old_size, std::uint64_t new_size, std::string_view end);

/// Writes `bytes` at the beginning of the only file that has `size` bytes.
void overwrite_udf_file(const std::string& image, std::uint64_t size, std::string_view bytes);

}  // namespace rescue::tests

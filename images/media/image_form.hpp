// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Recognizes what kind of image a file is by its volume descriptors (ECMA-119 and ECMA-167 part 2).

#include <string>

namespace rescue::media {

enum class ImageForm { udf, iso9660, zip, other };

/// Reads the first 128 KiB. `udf` wins where an image has both: Microsoft's have only a readme on the other side.
/// Throws `io` if the file can't be read, and `precondition` if it is shorter than its volume descriptor states.
[[nodiscard]] ImageForm image_form(const std::string& path);

}  // namespace rescue::media

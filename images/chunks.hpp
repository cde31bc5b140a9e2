// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Digests of a file's chunks, so that a part of an image can be verified without the rest of it.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::images {

/// A hash tree of two levels: the leaves are the SHA-256 of each chunk, in a file beside the image; the root is the
/// SHA-256 of that file, in the signed manifest. File: "RSCCHNK1", chunk size and file size (64 bits each, little
/// endian), and 32 bytes for each chunk. Only the last chunk may be shorter.
class ChunkDigests {
public:
  using Digest = std::array<unsigned char, 32>;
  /// 256 KiB: 12 GiB have 1.5 MiB of digests, and one chunk takes 21 ms at 100 Mbit/s.
  static constexpr std::uint64_t default_chunk_size = std::uint64_t{256} << 10;
  static constexpr std::uint64_t smallest_chunk_size = std::uint64_t{4} << 10;
  static constexpr std::uint64_t largest_chunk_size = std::uint64_t{1} << 20;

  /// Reads the whole file. `chunk_size`: a power of two. Throws `io`, `usage`.
  static ChunkDigests of_file(const std::string& path, std::uint64_t chunk_size = default_chunk_size);
  /// Parses the content of a digests file. Throws `image_untrusted` that names `source`.
  static ChunkDigests parse(const std::string& source, std::string_view content);
  /// Reads a digests file and compares its SHA-256 with that of the manifest before it is parsed. Throws
  /// `image_untrusted` that names the file, `io`.
  static ChunkDigests verified(const std::string& path, const std::string& sha256);

  /// Content of the digests file.
  [[nodiscard]] std::string content() const;

  [[nodiscard]] std::uint64_t chunk_size() const noexcept { return chunk_size_; }
  [[nodiscard]] std::uint64_t file_size() const noexcept { return file_size_; }
  [[nodiscard]] std::size_t count() const noexcept { return digests_.size(); }
  [[nodiscard]] std::uint64_t offset_of(std::size_t chunk) const noexcept { return chunk * chunk_size_; }
  /// Bytes of a chunk.
  [[nodiscard]] std::uint64_t size_of(std::size_t chunk) const noexcept;
  /// True if `bytes` are exactly this chunk.
  [[nodiscard]] bool matches(std::size_t chunk, std::string_view bytes) const;

private:
  ChunkDigests(std::uint64_t chunk_size, std::uint64_t file_size) : chunk_size_(chunk_size), file_size_(file_size) {}

  std::uint64_t chunk_size_;
  std::uint64_t file_size_;
  std::vector<Digest> digests_;
};

/// SHA-256 of bytes in memory as 64 hex digits.
[[nodiscard]] std::string sha256_of(std::string_view bytes);

}  // namespace rescue::images

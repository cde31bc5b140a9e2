// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/chunks.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cerrno>

namespace rescue::images {
namespace {

constexpr std::string_view magic = "RSCCHNK1";
constexpr std::size_t header_size = 24;
constexpr std::uint64_t largest_file = std::uint64_t{1} << 50;

ChunkDigests::Digest digest_of(std::string_view bytes) {
  ChunkDigests::Digest digest{};
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw Error(ErrorCode::internal, "OpenSSL can't compute a SHA-256");
  }
  return digest;
}

std::uint64_t number_at(std::string_view bytes, std::size_t at) {
  std::uint64_t number = 0;
  for (std::size_t index = 8; index-- > 0;) number = number << 8U | static_cast<unsigned char>(bytes[at + index]);
  return number;
}

void append_number(std::string& bytes, std::uint64_t number) {
  for (int index = 0; index < 8; ++index, number >>= 8U) bytes += static_cast<char>(number & 0xffU);
}

bool is_chunk_size(std::uint64_t size) {
  return std::has_single_bit(size) && size >= ChunkDigests::smallest_chunk_size &&
         size <= ChunkDigests::largest_chunk_size;
}

std::uint64_t chunks_of(std::uint64_t file_size, std::uint64_t chunk_size) {
  return (file_size + chunk_size - 1) / chunk_size;
}

/// Reads until `into` is full or the file ends; returns the number of bytes.
std::size_t read_fully(int fd, const std::string& path, std::string& into) {
  std::size_t have = 0;
  while (have < into.size()) {
    const auto count = ::read(fd, into.data() + have, into.size() - have);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw system_error("cannot read " + path, errno);
    if (count == 0) break;
    have += static_cast<std::size_t>(count);
  }
  return have;
}

}  // namespace

ChunkDigests ChunkDigests::of_file(const std::string& path, std::uint64_t chunk_size) {
  if (!is_chunk_size(chunk_size)) {
    throw Error(ErrorCode::usage, fmt::format("a chunk can't have {} bytes", chunk_size),
                fmt::format("Use a power of two from {} to {}.", smallest_chunk_size, largest_chunk_size));
  }
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw system_error("cannot read " + path, errno);
  ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  ChunkDigests digests(chunk_size, 0);
  std::string buffer(chunk_size, '\0');
  for (std::size_t count = buffer.size(); count == buffer.size();) {
    count = read_fully(file.get(), path, buffer);
    if (count == 0) break;
    digests.file_size_ += count;
    digests.digests_.push_back(digest_of(std::string_view(buffer).substr(0, count)));
  }
  if (digests.file_size_ == 0) throw Error(ErrorCode::usage, path + " is empty", "Name an image.");
  return digests;
}

ChunkDigests ChunkDigests::parse(const std::string& source, std::string_view content) {
  const auto refuse = [&source](const std::string& why) {
    throw Error(ErrorCode::image_untrusted, source + ": " + why, "Create it again: rescue-image-chunks IMAGE.");
  };
  if (content.size() < header_size || !content.starts_with(magic)) refuse("is not a file of chunk digests");
  ChunkDigests digests(number_at(content, 8), number_at(content, 16));
  if (!is_chunk_size(digests.chunk_size_)) refuse(fmt::format("has chunks of {} bytes", digests.chunk_size_));
  if (digests.file_size_ == 0 || digests.file_size_ > largest_file) {
    refuse(fmt::format("is for a file of {} bytes", digests.file_size_));
  }
  const auto count = chunks_of(digests.file_size_, digests.chunk_size_);
  const auto leaves = content.substr(header_size);
  if (leaves.size() != count * sizeof(Digest)) {
    refuse(fmt::format("has {} bytes of digests, but {} chunks", leaves.size(), count));
  }
  digests.digests_.resize(count);
  for (std::size_t chunk = 0; chunk < count; ++chunk) {
    const auto leaf = leaves.substr(chunk * sizeof(Digest), sizeof(Digest));
    std::copy(leaf.begin(), leaf.end(), digests.digests_[chunk].begin());
  }
  return digests;
}

ChunkDigests ChunkDigests::verified(const std::string& path, const std::string& sha256) {
  const auto content = read_file(path);
  if (const auto found = sha256_of(content); found != sha256) {
    throw Error(ErrorCode::image_untrusted,
                fmt::format("{}: its SHA-256 is {}, but the manifest says {}", path, found, sha256),
                "The file is damaged, was replaced, or belongs to another image; publish the image again.");
  }
  return parse(path, content);
}

std::string ChunkDigests::content() const {
  std::string bytes(magic);
  bytes.reserve(header_size + digests_.size() * sizeof(Digest));
  append_number(bytes, chunk_size_);
  append_number(bytes, file_size_);
  for (const auto& digest : digests_) bytes.append(digest.begin(), digest.end());
  return bytes;
}

std::uint64_t ChunkDigests::size_of(std::size_t chunk) const noexcept {
  return std::min(chunk_size_, file_size_ - offset_of(chunk));
}

bool ChunkDigests::matches(std::size_t chunk, std::string_view bytes) const {
  return chunk < digests_.size() && bytes.size() == size_of(chunk) && digest_of(bytes) == digests_[chunk];
}

std::string sha256_of(std::string_view bytes) { return fmt::format("{:02x}", fmt::join(digest_of(bytes), "")); }

}  // namespace rescue::images

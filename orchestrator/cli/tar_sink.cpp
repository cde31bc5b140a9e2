// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/tar_sink.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <clocale>

namespace rescue::cli {
namespace {

constexpr mode_t folder_mode_in_tar = 0755;
constexpr mode_t file_mode_in_tar = 0644;

using Writer = Handle<archive, archive_write_free>;
using Header = Handle<archive_entry, archive_entry_free>;

void require(archive* writer, la_ssize_t result) {
  if (result >= ARCHIVE_WARN) return;  // a name that is no UTF-8 is written as it is
  const char* const reason = archive_error_string(writer);
  throw Error(ErrorCode::io, fmt::format("cannot write the archive: {}", reason == nullptr ? "unknown" : reason));
}

}  // namespace

struct TarSink::Archive {
  Writer writer{archive_write_new()};
};

TarSink::TarSink(int descriptor) : archive_(std::make_unique<Archive>()) {
  // libarchive converts names from the locale's characters to those of pax.
  (void)std::setlocale(LC_CTYPE, "C.UTF-8");
  auto* const writer = archive_->writer.get();
  require(writer, archive_write_set_format_pax_restricted(writer));
  require(writer, archive_write_open_fd(writer, descriptor));
}

TarSink::~TarSink() {
  // An archive that was not finished gets no end.
  if (archive_->writer) (void)archive_write_fail(archive_->writer.get());
}

void TarSink::header(const disk::FileEntry& entry, const std::string& path) {
  const bool folder = entry.kind == disk::EntryKind::folder;
  const Header header(archive_entry_new());
  archive_entry_set_pathname(header.get(), path.c_str());
  archive_entry_set_filetype(header.get(), folder ? AE_IFDIR : AE_IFREG);
  archive_entry_set_perm(header.get(), folder ? folder_mode_in_tar : file_mode_in_tar);
  archive_entry_set_size(header.get(), folder ? 0 : static_cast<la_int64_t>(entry.size));
  archive_entry_set_mtime(header.get(), static_cast<time_t>(entry.modified), static_cast<long>(entry.nanoseconds));
  require(archive_->writer.get(), archive_write_header(archive_->writer.get(), header.get()));
}

void TarSink::enter(const disk::FileEntry& entry) {
  header(entry, folder_ + entry.name);
  folder_ += entry.name + '/';
}

void TarSink::leave(const disk::FileEntry& entry) { folder_.resize(folder_.size() - entry.name.size() - 1); }

void TarSink::file(const disk::FileEntry& entry, FileContent& content) {
  auto part = content.next();  // before its header: a file that can't be read at all is left out
  header(entry, folder_ + entry.name);
  std::uint64_t done = 0;
  try {
    for (; !part.empty() && done < entry.size; part = content.next()) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(part.size(), entry.size - done));
      require(archive_->writer.get(), archive_write_data(archive_->writer.get(), part.data(), size));
      done += size;
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::io)
      require(archive_->writer.get(), archive_write_finish_entry(archive_->writer.get()));
    throw;
  }
  require(archive_->writer.get(), archive_write_finish_entry(archive_->writer.get()));
  if (done != entry.size) {
    throw Error(ErrorCode::disk, fmt::format("{} bytes of {} can be read: the rest is zeros", done, entry.size));
  }
}

void TarSink::finish() { require(archive_->writer.get(), archive_write_close(archive_->writer.get())); }

}  // namespace rescue::cli

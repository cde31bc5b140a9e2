// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/served_file.hpp"

#include "core/http/response_head.hpp"
#include "core/http/server.hpp"
#include "core/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <string_view>

namespace rescue::http {
namespace {

/// Tag that identifies this state of the file. Copies that keep the time have the same tag on every replica.
struct Validators {
  std::string tag;
  long long modified = 0;
};

Validators validators_of(const struct stat& status) {
  return {fmt::format("\"{:x}-{:x}-{:x}\"", status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size),
          status.st_mtim.tv_sec};
}

/// True if a list of tags contains ours. A weak tag ("W/") is equal where that is enough.
bool holds(std::string_view list, const std::string& tag, bool weak_is_enough) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    auto item = trimmed_view(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (item == "*") return true;
    if (weak_is_enough && item.starts_with("W/")) item.remove_prefix(2);
    if (item == tag) return true;
  }
  return false;
}

bool fails_precondition(const Request& request, const Validators& now) {
  if (request.headers.contains("if-match")) return !holds(request.header("if-match"), now.tag, false);
  const auto since = seconds_of(request.header("if-unmodified-since"));
  return since && now.modified > *since;
}

bool is_known_already(const Request& request, const Validators& now) {
  if (request.headers.contains("if-none-match")) return holds(request.header("if-none-match"), now.tag, true);
  const auto since = seconds_of(request.header("if-modified-since"));
  return since && now.modified <= *since;
}

/// True if the range is of the file that the client has seen; else it gets all of the new one.
bool range_applies(const Request& request, const Validators& now) {
  if (request.method != "GET" || !request.headers.contains("range")) return false;
  const auto seen = request.header("if-range");
  return seen.empty() || seen == now.tag || seconds_of(seen) == now.modified;
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (text.empty() || result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return number;
}

struct Range {
  std::uint64_t first = 0;
  std::uint64_t length = 0;  ///< 0: outside of the file
};

/// Parses "bytes=0-499", "bytes=500-" or "bytes=-500". None for anything else; the header is ignored then.
std::optional<Range> range_of(std::string_view text, std::uint64_t size) {
  constexpr std::string_view unit = "bytes=";
  if (!text.starts_with(unit)) return std::nullopt;
  text = trimmed_view(text.substr(unit.size()));
  const auto dash = text.find('-');
  if (dash == std::string_view::npos || text.find(',') != std::string_view::npos) return std::nullopt;
  const auto last = number_in(text.substr(dash + 1));
  if (dash == 0) {
    if (!last) return std::nullopt;
    const auto length = std::min(*last, size);
    return Range{size - length, length};
  }
  const auto first = number_in(text.substr(0, dash));
  if (!first || (!last && dash + 1 != text.size()) || (last && *last < *first)) return std::nullopt;
  if (*first >= size) return Range{};
  return Range{*first, std::min(last.value_or(size - 1), size - 1) - *first + 1};
}

Response with_status(unsigned status, const std::string& message) {
  ErrorReport report;
  report.code = ErrorCode::usage;
  report.message = message;
  return problem(report, status);
}

}  // namespace

Folder::Folder(const std::string& path) : fd_(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
  if (!fd_) throw system_error("can't open the folder " + path, errno);
}

std::optional<FileDescriptor> Folder::open(const std::string& path) const {
  if (path.empty() || path.front() == '.' || path.find("/.") != std::string::npos) return std::nullopt;
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  FileDescriptor file(static_cast<int>(::syscall(SYS_openat2, fd_.get(), path.c_str(), &how, sizeof how)));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return file;
}

std::optional<long long> seconds_of(const std::string& http_date) {
  std::tm parts{};
  const char* const end = ::strptime(http_date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return ::timegm(&parts);
}

Response serve_file(const Request& request, FileDescriptor file, const std::string& content_type,
                    const std::string& cache_control) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw system_error("can't inspect a file", errno);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const auto now = validators_of(status);
  if (fails_precondition(request, now)) return with_status(412, "the file has changed");
  Response response;
  response.content_type = content_type;
  response.headers = {{"ETag", now.tag},
                      {"Last-Modified", http_date(now.modified)},
                      {"Cache-Control", cache_control},
                      {"Accept-Ranges", "bytes"}};
  if (is_known_already(request, now)) {
    response.status = 304;
    return response;
  }
  Range part{0, size};
  if (const auto range = range_of(request.header("range"), size); range && range_applies(request, now)) {
    if (range->length == 0) {
      auto refused = with_status(416, fmt::format("the file has {} bytes", size));
      refused.headers.emplace_back("Content-Range", fmt::format("bytes */{}", size));
      return refused;
    }
    part = *range;
    response.status = 206;
    response.headers.emplace_back("Content-Range",
                                  fmt::format("bytes {}-{}/{}", part.first, part.first + part.length - 1, size));
  }
  response.file = std::make_shared<const FilePart>(FilePart{std::move(file), part.first, part.length});
  return response;
}

}  // namespace rescue::http

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/pages/web_folder.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/http/served_file.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "netboot/api/pages/page.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <set>
#include <utility>

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

constexpr auto manifest_name = "manifest.json";

/// Content types of what Vite builds. Other files are not served.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> content_types{
    {{".js", "text/javascript; charset=utf-8"},
     {".css", "text/css; charset=utf-8"},
     {".wasm", "application/wasm"},
     {".svg", "image/svg+xml"},
     {".png", "image/png"}}};

std::optional<std::string> type_of_page_file(std::string_view name) {
  const auto* const found = std::find_if(content_types.begin(), content_types.end(),
                                         [name](const auto& type) { return name.ends_with(type.first); });
  if (found == content_types.end()) return std::nullopt;
  return std::string(found->second);
}

/// A name that can be pasted into a URL: letters, digits, '-', '_' and '.', without a leading dot.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
}

std::string page_file_url(const json& name) {
  const auto text = name.get<std::string>();
  if (is_plain_name(text)) return "/web/" + text;
  throw Error(ErrorCode::config_invalid, "the manifest names a file that can't be served", "Install netbootd again.");
}

/// True if the list of encodings names gzip, and not with a weight of zero (RFC 9110, 12.5.3).
bool takes_gzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    const auto comma = std::min(accept_encoding.find(','), accept_encoding.size());
    const auto item = accept_encoding.substr(0, comma);
    accept_encoding.remove_prefix(std::min(comma + 1, accept_encoding.size()));
    const auto semicolon = std::min(item.find(';'), item.size());
    if (lower_case(std::string(trimmed_view(item.substr(0, semicolon)))) != "gzip") continue;
    const auto weight = trimmed_view(item.substr(std::min(semicolon + 1, item.size())));
    return !weight.starts_with("q=0") || weight.find_first_of("123456789") != std::string_view::npos;
  }
  return false;
}

/// Adds the styles of a chunk, and of the chunks that it imports.
void add_styles(const json& manifest, const std::string& key, PageFiles& files, std::set<std::string>& seen) {
  if (!seen.insert(key).second) return;
  const auto& chunk = manifest.at(key);
  for (const auto& imported : chunk.value("imports", json::array())) {
    add_styles(manifest, imported.get<std::string>(), files, seen);
  }
  for (const auto& style : chunk.value("css", json::array())) files.styles.push_back(page_file_url(style));
}

PageFiles files_in(const json& manifest, const std::string& entry) {
  PageFiles files;
  std::set<std::string> seen;
  files.script = page_file_url(manifest.at(entry).at("file"));
  add_styles(manifest, entry, files, seen);
  constexpr auto icon = "src/shared/icon.svg";
  if (manifest.contains(icon)) files.icon = page_file_url(manifest.at(icon).at("file"));
  return files;
}

void report_missing(const std::string& path, const std::string& reason) {
  static std::atomic<std::chrono::steady_clock::rep> next{0};
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  auto allowed = next.load();
  const auto later = (now + std::chrono::minutes(1)).count();
  if (now.count() < allowed || !next.compare_exchange_strong(allowed, later)) return;
  log::error("pages for customers can't show secrets: {}/{}: {}; set web.folder in netbootd.yaml to the built pages",
             path, manifest_name, reason);
}

[[noreturn]] void refuse_page_file(const std::string& name) {
  throw Error(ErrorCode::not_found, "there is no file " + name, "Load the page again: it may have been updated.");
}

}  // namespace

PageFiles WebFolder::files_of(const std::string& entry) const {
  try {
    const auto manifest = json::parse(read_file(path_ + "/" + manifest_name));
    return files_in(manifest, entry);
  } catch (const Error& error) {
    report_missing(path_, report_of(error).one_line());
  } catch (const json::exception& error) {
    report_missing(path_, error.what());
  }
  return {};
}

http::Response WebFolder::serve(const http::Request& request, const std::string& name) const {
  const auto type = type_of_page_file(name);
  if (!type || !is_plain_name(name)) refuse_page_file(name);
  std::optional<FileDescriptor> file;
  bool is_compressed = false;
  try {
    const http::Folder folder(path_);
    if (takes_gzip(request.header("accept-encoding"))) file = folder.open(name + ".gz");
    is_compressed = file.has_value();
    if (!file) file = folder.open(name);
  } catch (const Error& error) {
    report_missing(path_, report_of(error).one_line());
  }
  if (!file) refuse_page_file(name);
  constexpr auto for_ever = "public, max-age=31536000, immutable";
  auto response = http::serve_file(request, *std::move(file), *type, for_ever);
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (is_compressed) response.headers.emplace_back("Content-Encoding", "gzip");
  add_page_protection(response);
  return response;
}

}  // namespace rescue::netboot::api

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/disk/hive.hpp"

#include "core/error.hpp"
#include "core/printable.hpp"
#include "core/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <hivex.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

namespace rescue::disk {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_values = 4096;
constexpr std::size_t longest_value = 64U << 10U;
constexpr std::size_t longest_name = 256;
constexpr std::string_view current = "currentcontrolset";

void release(void* memory) { std::free(memory); }
template <class T>
using Freed = std::unique_ptr<T, ReleaseWith<release>>;

HiveFile file_with(std::string_view bytes) {
  HiveFile file;
  while (!bytes.empty()) {
    const auto count = ::write(file.descriptor(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw system_error("cannot copy a hive", errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return file;
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

Json number_in(std::string_view bytes) {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), std::min(bytes.size(), sizeof number));  // little endian, as this machine is
  return number;
}

/// Value as JSON; null if it is too long or damaged.
Json value_of(hive_h* hive, hive_value_h value) {
  hive_type type{};
  std::size_t length = 0;
  if (hivex_value_type(hive, value, &type, &length) != 0 || length > longest_value) return nullptr;
  if (type == hive_t_REG_SZ || type == hive_t_REG_EXPAND_SZ) {
    const Freed<char> text(hivex_value_string(hive, value));
    return text ? Json(printable(text.get(), longest_value)) : Json();
  }
  const Freed<char> bytes(hivex_value_value(hive, value, &type, &length));
  if (!bytes) return nullptr;
  const std::string_view content(bytes.get(), length);
  const bool number = (type == hive_t_REG_DWORD && length == 4) || (type == hive_t_REG_QWORD && length == 8);
  return number ? number_in(content) : Json(hex(content));
}

}  // namespace

bool is_dirty_hive(std::string_view bytes) {
  constexpr std::size_t first = 4;
  constexpr std::size_t second = 8;
  return bytes.size() < 12 || bytes.substr(first, 4) != bytes.substr(second, 4);
}

HiveFile::HiveFile() : file_(::memfd_create("hive", MFD_CLOEXEC)) {
  if (!file_) throw system_error("cannot copy a hive", errno);
  path_ = fmt::format("/proc/self/fd/{}", file_.get());
}

HiveFile::HiveFile(const std::string& folder) : path_(folder + "/hive-XXXXXX"), remove_(true) {
  file_ = FileDescriptor(::mkostemp(path_.data(), O_CLOEXEC));
  if (!file_) throw system_error("cannot copy a hive to " + folder, errno);
}

HiveFile::HiveFile(HiveFile&& other) noexcept
    : file_(std::move(other.file_)), path_(std::move(other.path_)), remove_(std::exchange(other.remove_, false)) {}

HiveFile::~HiveFile() {
  if (remove_) (void)::unlink(path_.c_str());
}

bool HiveFile::is_dirty() const {
  std::array<char, 12> header{};
  const auto count = ::pread(file_.get(), header.data(), header.size(), 0);
  return is_dirty_hive(std::string_view(header.data(), count > 0 ? static_cast<std::size_t>(count) : 0));
}

Hive::Hive(std::string_view bytes) : Hive(file_with(bytes)) {}

Hive::Hive(HiveFile file) : file_(std::move(file)) {
  hive_.reset(hivex_open(file_.path().c_str(), HIVEX_OPEN_UNSAFE));
  if (!hive_) {
    throw Error(ErrorCode::precondition, fmt::format("is no registry hive that can be read: {}", std::strerror(errno)),
                "Start the image once, check that Windows is well, and shut it down.");
  }
}

/// "Select\Current" has the number of the control set.
std::string Hive::resolved(const std::string& key) const {
  if (!lower_case(key).starts_with(current)) return key;
  const auto select = values_of("Select");
  const auto number = select.is_object() ? select.value("Current", Json()) : Json();
  return fmt::format("ControlSet{:03}{}", number.is_number() ? number.get<unsigned>() : 0U, key.substr(current.size()));
}

std::size_t Hive::find(const std::string& key) const {
  auto node = hivex_root(hive_.get());
  std::string_view rest = key;
  while (node != 0 && !rest.empty()) {
    const auto end = std::min(rest.find('\\'), rest.size());
    node = hivex_node_get_child(hive_.get(), node, std::string(rest.substr(0, end)).c_str());
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return node;
}

Json Hive::values_of(const std::string& key) const {
  const auto node = find(resolved(key));
  if (node == 0) return nullptr;
  Json all = Json::object();
  const Freed<hive_value_h> values(hivex_node_values(hive_.get(), node));
  for (std::size_t i = 0; values && values.get()[i] != 0 && i < most_values; ++i) {
    const Freed<char> name(hivex_value_key(hive_.get(), values.get()[i]));
    if (name) all[printable(name.get(), longest_name)] = value_of(hive_.get(), values.get()[i]);
  }
  return all;
}

std::vector<std::string> Hive::keys_below(const std::string& key) const {
  std::vector<std::string> names;
  const auto node = find(resolved(key));
  if (node == 0) return names;
  const Freed<hive_node_h> children(hivex_node_children(hive_.get(), node));
  for (std::size_t i = 0; children && children.get()[i] != 0 && i < most_values; ++i) {
    const Freed<char> name(hivex_node_name(hive_.get(), children.get()[i]));
    if (name) names.push_back(printable(name.get(), longest_name));
  }
  return names;
}

}  // namespace rescue::disk

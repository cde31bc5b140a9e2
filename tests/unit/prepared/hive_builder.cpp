// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/prepared/hive_builder.hpp"

#include "images/windows/inf_text.hpp"

#include <hivex.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace rescue::tests {
namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t bin_header = 32;
constexpr std::uint32_t none = 0xffffffff;

template <class Number>
void put(std::string& bytes, std::size_t offset, Number number) {
  std::memcpy(bytes.data() + offset, &number, sizeof number);
}

void put_text(std::string& bytes, std::size_t offset, std::string_view text) {
  bytes.replace(offset, text.size(), text);
}

/// Cell of the root key at 0x20 of the first bin, and of its security descriptor at 0x80.
void put_root(std::string& bytes) {
  constexpr std::size_t root = page + bin_header;
  constexpr std::size_t security = page + 0x80;
  put(bytes, root, -std::int32_t{0x60});
  put_text(bytes, root + 4, "nk");
  put(bytes, root + 6, std::uint16_t{0x2c});  // root of a hive, not to be deleted, name in ASCII
  for (const std::size_t absent : {32U, 36U, 44U, 52U}) put(bytes, root + absent, none);
  put(bytes, root + 48, std::uint32_t{0x80});
  put(bytes, root + 76, std::uint16_t{4});
  put_text(bytes, root + 80, "ROOT");
  put(bytes, security, -std::int32_t{0x30});
  put_text(bytes, security + 4, "sk");
  put(bytes, security + 8, std::uint32_t{0x80});  // the only one in its ring
  put(bytes, security + 12, std::uint32_t{0x80});
  put(bytes, security + 16, std::uint32_t{1});
  put(bytes, security + 20, std::uint32_t{20});
  put(bytes, security + 24, std::uint32_t{0x80000001});  // an empty self-relative descriptor, revision 1
  put(bytes, page + 0xb0, std::int32_t{page - 0xb0});    // the rest is free
}

void put_checksum(std::string& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < 508; i += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data() + i, sizeof word);
    sum ^= word;
  }
  put(bytes, 508, sum);
}

/// "Windows registry file format specification", M. Suhanov: base block, one bin.
std::string empty_hive() {
  std::string bytes(2 * page, '\0');
  put_text(bytes, 0, "regf");
  put(bytes, 4, std::uint32_t{1});
  put(bytes, 8, std::uint32_t{1});
  put(bytes, 20, std::uint32_t{1});
  put(bytes, 24, std::uint32_t{5});
  put(bytes, 32, std::uint32_t{1});
  put(bytes, 36, std::uint32_t{bin_header});
  put(bytes, 40, static_cast<std::uint32_t>(page));
  put(bytes, 44, std::uint32_t{1});
  put_text(bytes, page, "hbin");
  put(bytes, page + 8, static_cast<std::uint32_t>(page));
  put_root(bytes);
  put_checksum(bytes);
  return bytes;
}

void require(bool done, const char* action) {
  if (!done) throw std::runtime_error(std::string("hivex cannot ") + action + ": " + std::strerror(errno));
}

hive_node_h make_key(hive_h* hive, std::string_view path) {
  auto node = hivex_root(hive);
  while (!path.empty()) {
    const auto end = std::min(path.find('\\'), path.size());
    const std::string name(path.substr(0, end));
    auto child = hivex_node_get_child(hive, node, name.c_str());
    if (child == 0) child = hivex_node_add_child(hive, node, name.c_str());
    require(child != 0, "add a key");
    node = child;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return node;
}

void set_value(hive_h* hive, const RegistryValue& value) {
  std::string bytes;
  hive_type type = hive_t_REG_BINARY;
  if (const auto* number = std::get_if<std::uint32_t>(&value.data)) {
    type = hive_t_REG_DWORD;
    bytes.assign(sizeof *number, '\0');
    put(bytes, 0, *number);
  } else if (const auto* text = std::get_if<std::string>(&value.data)) {
    type = hive_t_REG_SZ;
    bytes = windows::utf16_of(*text) + std::string(2, '\0');
  } else {
    bytes = std::get<Binary>(value.data).bytes;
  }
  std::string name = value.name;
  const hive_set_value set{name.data(), type, bytes.size(), bytes.data()};
  require(hivex_node_set_value(hive, make_key(hive, value.key), &set, 0) == 0, "set a value");
}

}  // namespace

void write_hive(const std::string& path, const std::string& name, const std::vector<RegistryValue>& values) {
  std::ofstream(path, std::ios::binary) << empty_hive();
  const std::unique_ptr<hive_h, int (*)(hive_h*)> hive(hivex_open(path.c_str(), HIVEX_OPEN_WRITE), hivex_close);
  require(hive != nullptr, "open the empty hive");
  for (const auto& value : values) {
    if (value.hive == name) set_value(hive.get(), value);
  }
  require(hivex_commit(hive.get(), nullptr, 0) == 0, "write the hive");
}

void make_hive_dirty(const std::string& path) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  std::string block(page, '\0');
  file.read(block.data(), page);
  put(block, 4, std::uint32_t{99});
  put_checksum(block);
  file.seekp(0);
  file << block;
}

}  // namespace rescue::tests

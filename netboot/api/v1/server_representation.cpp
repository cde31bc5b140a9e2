// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/v1/server_representation.hpp"

#include "core/error.hpp"
#include "netboot/api/body.hpp"
#include "netboot/api/v1/nullable.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

constexpr std::size_t most_macs = 16;
constexpr std::size_t most_tags = 32;
constexpr std::size_t longest_notes = 4000;

std::vector<MacAddress> macs_from(const Field& field) {
  const auto items = field.items();
  if (items.empty() || items.size() > most_macs) field.fail(fmt::format("must hold 1 to {} MAC addresses", most_macs));
  std::vector<MacAddress> macs;
  for (const auto& item : items) {
    auto mac = parsed(item, MacAddress::parse);
    if (std::find(macs.begin(), macs.end(), mac) != macs.end()) item.fail(mac.text() + " is given twice");
    macs.push_back(std::move(mac));
  }
  return macs;
}

std::vector<std::string> tags_from(const Field& field) {
  const auto items = field.items();
  if (items.size() > most_tags) field.fail(fmt::format("must hold {} tags at most", most_tags));
  std::vector<std::string> tags;
  for (const auto& item : items) {
    auto tag = parsed(item, canonical_tag);
    if (std::find(tags.begin(), tags.end(), tag) != tags.end()) item.fail(tag + " is given twice");
    tags.push_back(std::move(tag));
  }
  std::sort(tags.begin(), tags.end());
  return tags;
}

std::string notes_from(const Field& field) {
  auto notes = field.string();
  if (notes.size() > longest_notes) field.fail(fmt::format("must have {} bytes at most", longest_notes));
  const auto is_control = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == '\x7f'; };
  if (std::any_of(notes.begin(), notes.end(), is_control)) {
    field.fail("must not hold control characters other than line ends");
  }
  return notes;
}

Firmware firmware_from(const Field& field) { return field.word<Firmware>(); }

template <class T, class Read>
void read_member(const Field& root, const char* key, std::optional<T>& target, T fallback, Read read) {
  if (!root.json().contains(key)) return;
  const auto field = root.find(key);
  target = field ? read(*field) : std::move(fallback);
}

ServerPatch read_patch(const Field& root) {
  root.only({"macs", "firmware", "address", "loader", "uuid", "serial", "tags", "notes"});
  return read_members(root);
}

NewServer read_server(const Field& root, WallTime created) {
  root.only({"name", "macs", "firmware", "address", "loader", "uuid", "serial", "tags", "notes", "bmc"});
  Server server{parsed(root.at("name"), ServerName::parse), {}, Firmware::uefi, {}, {}, created};
  (void)root.at("macs");
  const auto members = read_members(root);
  const auto loader = root.find("loader");
  if (loader && members.firmware == Firmware::bios) loader->fail("is for servers with UEFI only");
  members.apply_to(server);
  const auto bmc = root.find("bmc");
  return {std::move(server), bmc ? std::optional(read_bmc(*bmc)) : std::nullopt};
}

template <class T>
void assign(const std::optional<T>& from, T& to) {
  if (from) to = *from;
}

}  // namespace

void ServerPatch::apply_to(Server& server) const {
  assign(macs, server.macs);
  assign(firmware, server.firmware);
  assign(address, server.address);
  assign(loader, server.loader);
  assign(uuid, server.uuid);
  assign(serial, server.serial);
  assign(tags, server.tags);
  assign(notes, server.notes);
  if (server.firmware == Firmware::bios && !server.loader.empty()) {
    throw Error(ErrorCode::usage, "loader: is for servers with UEFI only", "Set \"loader\": null with it.");
  }
}

ServerPatch read_members(const Field& root) {
  const auto text = [](auto parse) { return [parse](const Field& field) { return parsed(field, parse); }; };
  ServerPatch patch;
  if (root.json().contains("macs")) patch.macs = macs_from(root.at("macs"));
  read_member(root, "firmware", patch.firmware, Firmware::uefi, firmware_from);
  read_member(root, "address", patch.address, {}, text(canonical_address));
  read_member(root, "loader", patch.loader, {}, text(canonical_loader));
  read_member(root, "uuid", patch.uuid, {}, text(canonical_uuid));
  read_member(root, "serial", patch.serial, {}, text(canonical_serial));
  read_member(root, "tags", patch.tags, {}, tags_from);
  read_member(root, "notes", patch.notes, {}, notes_from);
  return patch;
}

json server_json(const ServerState& state) {
  const auto& server = state.server;
  auto macs = json::array();
  for (const auto& mac : server.macs) macs.push_back(mac.text());
  return {{"name", server.name.text()},           {"macs", macs},
          {"firmware", name_of(server.firmware)}, {"address", or_null(server.address)},
          {"loader", or_null(server.loader)},     {"uuid", or_null(server.uuid)},
          {"serial", or_null(server.serial)},     {"tags", server.tags},
          {"notes", or_null(server.notes)},       {"boot_mode", state.mode.name()},
          {"bmc", bmc_json(server.bmc)},          {"created_at", rfc3339(server.created)}};
}

NewServer server_from(const std::string& body, WallTime created) {
  return read_body(body, [created](const Field& root) { return read_server(root, created); });
}

ServerPatch server_patch_from(const std::string& body) { return read_body(body, read_patch); }

}  // namespace rescue::netboot::api

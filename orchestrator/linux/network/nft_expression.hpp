// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Terms of libnftables-json(5) for our rules: they read like nft, and no text is concatenated.

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace rescue::linux::nft {

using Json = nlohmann::json;
/// A rule: matches and statements, in order.
using Rule = std::vector<Json>;

[[nodiscard]] Json field(const char* protocol, const char* name);
/// `bits` bits at `offset` of the transport header.
[[nodiscard]] Json transport_bits(unsigned offset, unsigned bits);
/// A value from the kernel: "l4proto", the protocol after all extension headers; no match if unknown.
[[nodiscard]] Json meta(const char* key);
/// A field of an IPv6 extension header; no match without that header.
[[nodiscard]] Json extension_header(const char* name, const char* field);
[[nodiscard]] Json bits_of(Json value, unsigned mask);
[[nodiscard]] Json equal(Json left, Json right);
[[nodiscard]] Json unequal(Json left, Json right);
[[nodiscard]] Json at_least(Json left, unsigned right);
[[nodiscard]] Json one_of(std::vector<Json> values);
[[nodiscard]] Json range(const Json& first, const Json& last);
[[nodiscard]] Json prefix(const std::string& address, unsigned length);
[[nodiscard]] Json concatenation(std::vector<Json> parts);
[[nodiscard]] Json accept();
[[nodiscard]] Json drop();
[[nodiscard]] Json count();
[[nodiscard]] Json jump(const char* chain);
[[nodiscard]] Json forward_to(const std::string& device);
[[nodiscard]] Json duplicate_to(const std::string& device);
[[nodiscard]] Json set_destination_mac(const std::string& mac);

/// Joins rules: a common head of matches, and the rest.
[[nodiscard]] Rule operator+(Rule head, const Rule& tail);

/// A batch that replaces our whole table in one transaction.
class Batch {
public:
  /// Our table of the netdev family; replaces an earlier one.
  Batch();
  void add_set(const char* name, const Json& type, std::vector<Json> elements, bool intervals = false);
  /// A chain of the hook "ingress" or "egress" of `device`.
  void add_base_chain(const char* name, const char* hook, const std::string& device, int priority, const char* policy);
  /// A chain for jumps from other chains.
  void add_chain(const char* name);
  void add_rule(const char* chain, const Rule& rule);
  [[nodiscard]] Json json() const { return {{"nftables", commands_}}; }

private:
  Json commands_ = Json::array();
};

/// Passes the batch to `nft -j -f -`. Throws `network`.
void load(const Batch& batch);
/// Removes our table. Does nothing if it does not exist. Throws `network`.
void remove_table();

}  // namespace rescue::linux::nft

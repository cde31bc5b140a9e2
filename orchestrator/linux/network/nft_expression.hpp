// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The words of libnftables-json(5) that our rules are made of: a rule reads as in nft, and no string is ever pasted.

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
/// What the kernel has worked out itself: "l4proto", the protocol behind all extension headers, known or no match.
[[nodiscard]] Json meta(const char* key);
/// A field of an IPv6 extension header; no match where there is none.
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

/// Rules join: a common head of matches, and what follows it.
[[nodiscard]] Rule operator+(Rule head, const Rule& tail);

/// A batch that takes the place of our table as a whole, in one transaction.
class Batch {
public:
  /// Our table of the netdev family; an earlier one goes.
  Batch();
  void add_set(const char* name, const Json& type, std::vector<Json> elements, bool intervals = false);
  /// A chain of the hook "ingress" or "egress" of `device`.
  void add_base_chain(const char* name, const char* hook, const std::string& device, int priority, const char* policy);
  /// A chain that others jump to.
  void add_chain(const char* name);
  void add_rule(const char* chain, const Rule& rule);
  [[nodiscard]] Json json() const { return {{"nftables", commands_}}; }

private:
  Json commands_ = Json::array();
};

/// Gives the batch to `nft -j -f -`. Throws `network`.
void load(const Batch& batch);
/// Removes our table; none there is no error. Throws `network`.
void remove_table();

}  // namespace rescue::linux::nft
